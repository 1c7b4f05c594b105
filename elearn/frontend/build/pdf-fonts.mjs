// Fonts for PDFs. typst reads TrueType, npm ships WOFF: the same tables, each deflated, behind another header.
import { inflateSync } from "node:zlib";

const HEADER_BYTES = 12;
const ENTRY_BYTES = 16;

const WINDOWS = 3;
/** Name table entries that hold the family: family, unique id, full name, PostScript name, typographic family. */
const FAMILY_NAME_IDS = new Set([1, 3, 4, 6, 16]);

/**
 * The TrueType file inside a WOFF 1.0 file (https://www.w3.org/TR/WOFF/), under another family name.
 *
 * Two files of one family and weight hide each other in typst, so each subset needs a family of its own.
 */
export function trueTypeFromWoff(woff, family) {
  if (woff.toString("latin1", 0, 4) !== "wOFF") throw new Error("not a WOFF file");
  const tables = readTables(woff).map((table) => {
    if (table.tag !== "name") return table;
    const data = renamed(table.data, family);
    return { ...table, data, checksum: checksum(data) };
  });
  const header = Buffer.alloc(HEADER_BYTES + ENTRY_BYTES * tables.length);
  writeHeader(header, woff.readUInt32BE(4), tables.length);
  const bodies = [];
  let offset = header.length;
  tables.forEach((table, index) => {
    const entry = HEADER_BYTES + ENTRY_BYTES * index;
    header.write(table.tag, entry, "latin1");
    header.writeUInt32BE(table.checksum, entry + 4);
    header.writeUInt32BE(offset, entry + 8);
    header.writeUInt32BE(table.data.length, entry + 12);
    const padded = Buffer.alloc(Math.ceil(table.data.length / 4) * 4);
    table.data.copy(padded);
    bodies.push(padded);
    offset += padded.length;
  });
  return Buffer.concat([header, ...bodies]);
}

function readTables(woff) {
  const count = woff.readUInt16BE(12);
  return Array.from({ length: count }, (_, index) => {
    const at = 44 + 20 * index;
    const start = woff.readUInt32BE(at + 4);
    const stored = woff.subarray(start, start + woff.readUInt32BE(at + 8));
    const length = woff.readUInt32BE(at + 12);
    return {
      tag: woff.toString("latin1", at, at + 4),
      checksum: woff.readUInt32BE(at + 16),
      data: stored.length < length ? inflateSync(stored) : stored,
    };
  });
}

function writeHeader(header, flavour, count) {
  const power = 2 ** Math.floor(Math.log2(count));
  header.writeUInt32BE(flavour, 0);
  header.writeUInt16BE(count, 4);
  header.writeUInt16BE(power * 16, 6);
  header.writeUInt16BE(Math.log2(power), 8);
  header.writeUInt16BE(count * 16 - power * 16, 10);
}

/** The name table with 'Inter' replaced; only the Windows entries are kept, which is what readers look at. */
function renamed(table, family) {
  const strings = table.readUInt16BE(4);
  const entries = [];
  for (let index = 0; index < table.readUInt16BE(2); index += 1) {
    const at = 6 + 12 * index;
    if (table.readUInt16BE(at) !== WINDOWS) continue;
    const id = table.readUInt16BE(at + 6);
    const start = strings + table.readUInt16BE(at + 10);
    const bytes = Buffer.from(table.subarray(start, start + table.readUInt16BE(at + 8)));
    let text = bytes.swap16().toString("utf16le");
    if (FAMILY_NAME_IDS.has(id)) text = text.replace("Inter", id === 6 ? family.replaceAll(" ", "") : family);
    entries.push({ head: table.subarray(at, at + 8), text: Buffer.from(text, "utf16le").swap16() });
  }
  const header = Buffer.alloc(6 + 12 * entries.length);
  header.writeUInt16BE(entries.length, 2);
  header.writeUInt16BE(header.length, 4);
  let offset = 0;
  entries.forEach(({ head, text }, index) => {
    head.copy(header, 6 + 12 * index);
    header.writeUInt16BE(text.length, 6 + 12 * index + 8);
    header.writeUInt16BE(offset, 6 + 12 * index + 10);
    offset += text.length;
  });
  return Buffer.concat([header, ...entries.map(({ text }) => text)]);
}

function checksum(data) {
  const padded = Buffer.alloc(Math.ceil(data.length / 4) * 4);
  data.copy(padded);
  let sum = 0;
  for (let at = 0; at < padded.length; at += 4) sum = (sum + padded.readUInt32BE(at)) >>> 0;
  return sum;
}
