import { normalise } from '../errors/normalise.ts';
import { cmd } from '../host/command.ts';
import type { ConnectionSettings } from '../host/connection-settings.ts';
import { connectFleet } from '../host/fleet.ts';
import type { SpecDraft } from '../spec/written.ts';

/**
 * Logs in to a host and becomes root there, as everything else will have to.
 * @returns why that does not work, undefined when it does.
 */
export async function tryConnection(settings: ConnectionSettings): Promise<string | undefined> {
  try {
    await using fleet = await connectFleet([settings]);
    await fleet.hosts.get(settings.name)?.run(cmd('true'));
    return undefined;
  } catch (error) {
    return normalise(error, 'init')
      .map((each) => [each.message, each.why, ...each.next].filter((line) => line !== undefined).join('\n'))
      .join('\n');
  }
}

/** As `tryConnection`, for a host of a spec that is being written. */
export async function tryDraft(
  ssh: NonNullable<SpecDraft['ssh']>,
  host: SpecDraft['hosts'][number],
  acceptNewKey: boolean,
): Promise<string | undefined> {
  const { user = 'root', port = 22, identityFile, knownHosts = '~/.ssh/known_hosts', proxyJump } = ssh;
  const address = host.sshAddress ?? host.address;
  return tryConnection({
    name: host.name,
    address,
    user,
    port,
    identityFile,
    knownHosts,
    proxyJump,
    acceptNew: acceptNewKey,
  });
}
