/** hls.js ships its small build without types of its own; it is the same API with less in it. */
declare module "hls.js/light" {
  export * from "hls.js";
  export { default } from "hls.js";
}
