import type { Objects } from './objects.ts';
import type { Xml } from './xml.ts';

const PAGE = 1000;

/**
 * One page of ListObjectsV2. The continuation token is the last name of the page before.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function listing(objects: Objects, bucket: string, query: URLSearchParams): Promise<Xml> {
  const prefix = query.get('prefix') ?? '';
  const limit = Math.min(PAGE, Number(query.get('max-keys') ?? PAGE));
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const names: string[] = [];
  let truncated = false;
  for await (const name of objects.list(prefix, query.get('delimiter') === '/')) {
    if (after !== '' && Buffer.compare(Buffer.from(name), Buffer.from(after)) <= 0) continue;
    truncated = names.length === limit;
    if (truncated) break;
    names.push(name);
  }
  const folders = names.filter((name) => name.endsWith('/'));
  return {
    Name: bucket,
    Prefix: prefix,
    MaxKeys: limit,
    KeyCount: names.length,
    IsTruncated: String(truncated),
    ...(truncated ? { NextContinuationToken: names.at(-1) ?? '' } : {}),
    Contents: await contents(objects, names),
    CommonPrefixes: folders.map((name) => ({ Prefix: name })),
  };
}

/** The objects among the names; one that was deleted meanwhile is left out. */
async function contents(objects: Objects, names: readonly string[]): Promise<Xml[]> {
  const entries = names
    .filter((name) => !name.endsWith('/'))
    .map(async (name) => objects.head(name).catch(() => undefined));
  return (await Promise.all(entries)).flatMap((entry) =>
    entry === undefined
      ? []
      : {
          Key: entry.key,
          LastModified: entry.modifiedAt.toISOString(),
          Size: entry.sizeBytes,
          ETag: `"${entry.sizeBytes}-${entry.modifiedAt.getTime()}"`,
          StorageClass: 'STANDARD',
        },
  );
}
