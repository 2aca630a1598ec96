import { PgscaleError } from '../../../../errors/pgscale-error.ts';
import type { ArmedFault, FaultScene } from '../fault.ts';

/** The machine goes off as it is, and is switched on again by the undo. */
export async function powerLoss({ target, power }: FaultScene): Promise<ArmedFault> {
  if (power === undefined) throw new PgscaleError('PGS_DRILL_POWER', { what: `nobody can switch ${target.name} off` });
  let isOff = false;
  return {
    inject: () => {
      isOff = true;
      return power.off(target);
    },
    undo: async () => {
      if (isOff) await power.on(target);
      isOff = false;
    },
  };
}
