import { cmd } from '../host/command.ts';
import type { Reader } from '../host/host.ts';

/** State of a systemd unit by its name: `active`, `failed`, `inactive`, `activating`… */
export type UnitStates = ReadonlyMap<string, string>;

/** Reads the state of units; a pattern stands for those that are loaded. */
export async function readUnits(reader: Reader, units: readonly string[]): Promise<UnitStates> {
  const answer = await reader.read(cmd('systemctl', 'show', '--property=Id,ActiveState', '--', ...units));
  return parseUnits(answer.stdout);
}

/** Reads blocks of `Key=value` with an empty line between them. Pure. */
export function parseUnits(text: string): UnitStates {
  const blocks = text.split(/\n\s*\n/u).map((block) => ({
    id: /^Id=(.+)$/mu.exec(block)?.[1],
    state: /^ActiveState=(.+)$/mu.exec(block)?.[1],
  }));
  return new Map(blocks.flatMap(({ id, state }) => (id === undefined || state === undefined ? [] : [[id, state]])));
}
