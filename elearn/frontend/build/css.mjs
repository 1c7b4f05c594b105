// What the build does to style sheets: take our colours instead of the stock theme's, let dark also mean 'auto on a dark
// system', and leave out custom properties nothing reads.
import postcss from "postcss";

const OUR_COLOURS = /^--ds-color-(accent|neutral|brand1|brand2|warning)-/;
const UNUSED_COLOUR_RULE = /\[data-color=(brand1|brand2|warning)\]/;
const UNUSED_LAYER = "ds.theme.typography.secondary";
const DARK = /\[data-color-scheme="?dark"?\]/g;

/** Strip the stock theme of the colours that theme.css brings or nobody uses. */
export function trimStockTheme(css) {
  const root = postcss.parse(css);
  root.walkAtRules("layer", (layer) => {
    if (layer.params === UNUSED_LAYER) layer.remove();
  });
  root.walkAtRules("media", (media) => {
    // 'auto' on a light system is what :root already says.
    if (media.params === "(prefers-color-scheme:light)") media.remove();
  });
  root.walkRules((rule) => {
    if (UNUSED_COLOUR_RULE.test(rule.selector)) rule.remove();
  });
  root.walkDecls(OUR_COLOURS, (declaration) => declaration.remove());
  return root.toString();
}

/** Repeat every dark rule for pages that follow the system, so that no rule is written twice in the sources. */
export function expandDark(css) {
  const root = postcss.parse(css);
  root.walkRules((rule) => {
    if (!rule.selector.match(DARK)) return;
    const media = postcss.atRule({ name: "media", params: "(prefers-color-scheme: dark)" });
    const copy = rule.clone();
    copy.selector = rule.selector.replace(DARK, "[data-color-scheme=auto]");
    media.append(copy);
    rule.after(media);
  });
  return root.toString();
}

/** Remove custom properties that no declaration reads, until none is left. Pages have no inline styles that could read them. */
export function dropUnreadProperties(css) {
  const root = postcss.parse(css);
  for (;;) {
    const read = new Set();
    root.walkDecls((declaration) => {
      for (const match of declaration.value.matchAll(/var\(\s*(--[\w-]+)/g)) read.add(match[1]);
    });
    let removed = 0;
    root.walkDecls(/^--(ds|dsc|_ds)/, (declaration) => {
      if (read.has(declaration.prop)) return;
      declaration.remove();
      removed += 1;
    });
    if (removed === 0) break;
  }
  removeEmpty(root);
  return root.toString();
}

function removeEmpty(container) {
  container.each((node) => {
    if (node.nodes) removeEmpty(node);
    if (node.nodes?.length === 0) node.remove();
  });
}
