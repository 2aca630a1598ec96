import type { FileAttributes } from './host.ts';

/** One regular file out of a tar archive. */
export interface ArchivedFile extends FileAttributes {
  readonly content: Buffer;
}

const BLOCK_BYTES = 512;

/**
 * The regular files of an archive in the format of GNU tar, by path.
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export function parseArchive(archive: Buffer): Map<string, ArchivedFile> {
  const files = new Map<string, ArchivedFile>();
  let longName: string | undefined;
  for (let offset = 0; offset + BLOCK_BYTES <= archive.length && archive[offset] !== 0;) {
    const header = archive.subarray(offset, offset + BLOCK_BYTES);
    const sizeBytes = Number.parseInt(field(header, 124, 12), 8);
    const content = archive.subarray(offset + BLOCK_BYTES, offset + BLOCK_BYTES + sizeBytes);
    if (Number.isNaN(sizeBytes) || content.length < sizeBytes) throw new Error('the archive is cut off');
    const type = field(header, 156, 1);
    if (type === '0' || type === '') files.set(longName ?? field(header, 0, 100), entry(header, content));
    // GNU tar puts a name of more than 100 bytes into an entry of its own, before the file.
    longName = type === 'L' ? content.toString('utf8').replace(/\0.*$/su, '') : undefined;
    offset += BLOCK_BYTES + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}

function entry(header: Buffer, content: Buffer): ArchivedFile {
  return {
    content,
    owner: field(header, 265, 32),
    group: field(header, 297, 32),
    mode: (Number.parseInt(field(header, 100, 8), 8) & 0o7777).toString(8).padStart(4, '0'),
  };
}

/** A field of the header, up to its first NUL. */
function field(header: Buffer, start: number, lengthBytes: number): string {
  return header.toString('utf8', start, start + lengthBytes).replace(/\0.*$/su, '');
}
