import { input, select } from '@inquirer/prompts';

import { addressSchema } from '../../spec/values.ts';
import type { SpecDraft } from '../../spec/written.ts';
import type { HostDraft } from './hosts.ts';
import { CONTEXT } from '../prompt-context.ts';
import { validAndNew } from './valid.ts';

/** Asks whether the endpoints get floating addresses, and for them. */
export async function askEndpoints(hosts: readonly HostDraft[]): Promise<SpecDraft['endpoints']> {
  const kind = await select(
    {
      message: 'How do applications find the primary?',
      choices: [
        {
          value: 'hosts',
          name: 'by URLs that name every host',
          description: 'needs nothing of the network; libpq and its kin try the hosts in turn',
        },
        {
          value: 'vips',
          name: 'by floating addresses (VIPs)',
          description: 'three free addresses in the network of the hosts, which keepalived moves',
        },
      ],
    },
    CONTEXT,
  );
  if (kind === 'hosts') return {};
  const taken = hosts.map((host) => host.address);
  const vips: string[] = [];
  for (const name of ['primary', 'replica', 'pool']) {
    const validate = validAndNew(addressSchema, [...taken, ...vips]);
    vips.push(await input({ message: `Address of the endpoint ${name}:`, validate }, CONTEXT));
  }
  const [primary, replica, pool] = vips;
  return { primary: { vip: primary }, replica: { vip: replica }, pool: { vip: pool } };
}
