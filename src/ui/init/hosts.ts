import { checkbox, confirm, input, number, select } from '@inquirer/prompts';

import { HOST_ROLES } from '../../spec/schema.ts';
import { addressSchema, nameSchema } from '../../spec/values.ts';
import type { SpecDraft } from '../../spec/written.ts';
import { CONTEXT } from '../prompt-context.ts';
import { validAndNew } from './valid.ts';

export type HostDraft = SpecDraft['hosts'][number];
type Ssh = NonNullable<SpecDraft['ssh']>;

/** Logs in to a host; gives why that does not work, undefined when it does. */
export type TryConnection = (ssh: Ssh, host: HostDraft, acceptNewKey: boolean) => Promise<string | undefined>;
type Test = (host: HostDraft, acceptNewKey: boolean) => Promise<string | undefined>;

/** Asks for the hosts one by one, and logs in to each as it is named if that is wanted. */
export async function askHosts(known: readonly HostDraft[], test: Test): Promise<HostDraft[]> {
  const count = await number(
    { message: 'How many hosts?', default: known.length > 0 ? known.length : 3, min: 1, max: 99, required: true },
    CONTEXT,
  );
  const usual = 'database and proxy on every host, dcs on the first three';
  const sameRoles = await confirm({ message: `Give them the usual roles (${usual})?`, default: true }, CONTEXT);
  const tested = await confirm({ message: 'Test the SSH connection to each as you name it?', default: true }, CONTEXT);
  const hosts: HostDraft[] = [];
  while (hosts.length < count) {
    const host = await askHost(hosts, known[hosts.length]);
    const roles = sameRoles ? undefined : await askRoles(host.name);
    if (tested && !(await keepAfterTest(host, test))) continue;
    hosts.push({ ...host, ...(roles !== undefined && { roles }) });
  }
  return hosts;
}

async function askHost(before: readonly HostDraft[], known?: HostDraft): Promise<HostDraft> {
  const position = before.length + 1;
  const name = await input(
    {
      message: `Host ${position}, name:`,
      default: known?.name ?? `pg${position}`,
      validate: validAndNew(
        nameSchema,
        before.map((host) => host.name),
      ),
    },
    CONTEXT,
  );
  const address = await input(
    {
      message: `${name}, IP address:`,
      ...(known !== undefined && { default: known.address }),
      validate: validAndNew(
        addressSchema,
        before.map((host) => host.address),
      ),
    },
    CONTEXT,
  );
  const zone = await input(
    { message: `${name}, zone (hosts that fail together):`, default: known?.zone ?? zoneOf(position) },
    CONTEXT,
  );
  return { name, address, zone };
}

/** a, b, c, … */
function zoneOf(position: number): string {
  return String.fromCodePoint(96 + Math.min(position, 26));
}

async function askRoles(name: string): Promise<HostDraft['roles']> {
  const choices = HOST_ROLES.map((role) => ({ value: role, checked: true }));
  return checkbox({ message: `${name}, roles:`, choices, required: true }, CONTEXT);
}

/** Tests until the host answers, is to be kept as it is (true), or is to be named again (false). */
async function keepAfterTest(host: HostDraft, test: Test): Promise<boolean> {
  for (let acceptNewKey = false; ;) {
    const reason = await test(host, acceptNewKey);
    if (reason === undefined) {
      process.stderr.write(`  ✔ ${host.name} answers, and root is at hand\n`);
      return true;
    }
    process.stderr.write(`  ✖ ${reason.replaceAll('\n', '\n    ')}\n`);
    const next = await askWhatNow(host.name);
    if (next === 'rename' || next === 'keep') return next === 'keep';
    acceptNewKey = next === 'accept';
  }
}

async function askWhatNow(name: string): Promise<'again' | 'accept' | 'rename' | 'keep'> {
  return select(
    {
      message: `What about ${name}?`,
      choices: [
        { value: 'again', name: 'test again' },
        { value: 'accept', name: 'test again, and record its host key if it is unknown' },
        { value: 'rename', name: 'name it again' },
        { value: 'keep', name: 'keep it as it is' },
      ],
    },
    CONTEXT,
  );
}
