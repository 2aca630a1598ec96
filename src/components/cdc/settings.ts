import type { SlotSettings } from '../../agent/slots/settings.ts';
import { psqlAccess } from '../../spec/services.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import { slotOfMember } from '../../sql/slot.ts';
import type { Target } from '../component.ts';

/** What the upkeep of slots on this host is told. Pure. */
export function slotSettings({ spec, host }: Target): SlotSettings {
  return {
    psql: psqlAccess(spec),
    standbys: hostsWithRole(spec, 'database')
      .filter(({ name }) => name !== host.name)
      .map(({ name }) => ({ member: name, slot: slotOfMember(name) })),
  };
}
