import { z } from 'zod';

import { cmd } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { parseJson } from '../host/parse-json.ts';

/** `ip -json address show`; entries without addresses are empty objects in some versions. */
const schema = z.array(z.object({ addr_info: z.array(z.object({ local: z.string().optional() })).default([]) }));

/** Every address that a host holds now. */
export async function readAddresses(reader: Reader): Promise<string[]> {
  return parseAddresses((await reader.read(cmd('ip', '-json', 'address', 'show'))).stdout);
}

/** Pure. */
export function parseAddresses(text: string): string[] {
  return (parseJson(schema, text) ?? []).flatMap((link) => link.addr_info.flatMap(({ local }) => local ?? []));
}
