import { readDocument } from './document.ts';
import { kill, start } from './faults.ts';
import { findLabs } from './inventory.ts';

/** Hosts as somebody else knows them: by their addresses, and by the file that proves who they are. */
interface Asked {
  readonly hosts: readonly { readonly address: string }[];
  readonly knownHosts: string;
}

/** What the lab tells about machines that are its own. @see src/operations/drill/failover/machines.ts */
interface LabMachines {
  readonly name: string;
  readonly isThrowAway: true;
  readonly power: {
    off(host: { readonly address: string }): Promise<void>;
    on(host: { readonly address: string }): Promise<void>;
  };
}

/**
 * Answers the hook `machines` (package.json), by which a command asks whether somebody knows the machines behind its
 * hosts. They are a lab's when a lab has all these addresses and the spec trusts the lab's own keys.
 */
export default async function machinesOfLab({ hosts, knownHosts }: Asked): Promise<LabMachines | undefined> {
  for (const lab of await findLabs()) {
    const document = await readDocument(lab).catch(() => undefined);
    if (document?.ssh.knownHosts !== knownHosts) continue;
    const nameOf = ({ address }: { address: string }): string | undefined =>
      document.hosts.find((host) => host.address === address)?.name;
    if (!hosts.every((host) => nameOf(host) !== undefined)) continue;
    return {
      name: `lab ${lab}`,
      isThrowAway: true,
      power: {
        off: (host) => kill(lab, nameOf(host) ?? ''),
        on: (host) => start(lab, nameOf(host) ?? ''),
      },
    };
  }
  return undefined;
}
