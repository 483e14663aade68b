import { gunzipSync } from "node:zlib";

const block = 512;

export interface ReadTarballOptions {
  /** Of everything inside, unpacked. */
  readonly maxBytes: number;
  readonly wanted: (path: string) => boolean;
}

/**
 * The wanted plain files of an npm package, by path without the leading `package/`. Nothing is written to the disk,
 * so no name inside can lead anywhere. Throws for what is no gzipped tar archive.
 */
export function readTarball(
  archive: Buffer,
  { maxBytes, wanted }: ReadTarballOptions,
): ReadonlyMap<string, string> {
  const tar = gunzipSync(archive, { maxOutputLength: maxBytes });
  const files = new Map<string, string>();
  let longName: string | undefined;
  for (let at = 0; at + block <= tar.length;) {
    const header = tar.subarray(at, at + block);
    const size = Number.parseInt(textAt(header, 124, 12), 8) || 0;
    const kind = textAt(header, 156, 1);
    const content = tar.subarray(at + block, at + block + size);
    const path = (longName ?? nameOf(header)).replace(/^[^/]*\//, "");
    // The blocks of zeros at the end would pass for a file without a name.
    const isFile = path !== "" && (kind === "0" || kind === "");
    if (isFile && wanted(path)) files.set(path, content.toString("utf8"));
    // A record of this kind names the entry after it.
    longName = kind === "x" ? extendedPath(content) : undefined;
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}

/** The member `path` of a POSIX extended header: lines of `length SP key=value`. */
function extendedPath(content: Buffer): string | undefined {
  return /^\d+ path=(.*)$/m.exec(content.toString("utf8"))?.[1];
}

function nameOf(header: Buffer): string {
  const [name, prefix] = [textAt(header, 0, 100), textAt(header, 345, 155)];
  return prefix === "" ? name : `${prefix}/${name}`;
}

function textAt(header: Buffer, start: number, length: number): string {
  const [text = ""] = header.toString("utf8", start, start + length).split("\0");
  return text.trim();
}
