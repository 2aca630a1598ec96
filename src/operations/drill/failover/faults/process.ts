import { sh, type Command } from '../../../../host/command.ts';
import { PATRONI } from '../../../../spec/layout.ts';
import { dataDirectory } from '../../../../spec/topology.ts';
import type { ArmedFault, FaultScene, HitProcess } from '../fault.ts';
import { armTrigger } from './trigger.ts';
import { startUndoTimer, stopUndoTimer } from './undo-timer.ts';

/** A signal to the postmaster or to Patroni. A stopped process is let go on at the end, if nobody has killed it. */
export async function processFault(
  { spec, host, undoAfterMs }: FaultScene,
  process: HitProcess,
  signal: 'KILL' | 'STOP',
): Promise<ArmedFault> {
  const find = process === 'patroni' ? patroniPid : postmasterPid(dataDirectory(spec));
  const letGo = sh`${find}; kill -s CONT "$pid"`;
  const prepare =
    signal === 'STOP'
      ? sh`${find}
${startUndoTimer(letGo, undoAfterMs)}`
      : find;
  const trigger = await armTrigger(host, prepare, sh`kill -s ${signal} "$pid"`);
  return {
    inject: () => trigger.pull(),
    undo: async () => {
      await trigger.release();
      if (signal === 'STOP')
        await host.run(sh`{ ${letGo}; } 2>/dev/null || true
${stopUndoTimer}`);
    },
  };
}

const patroniPid: Command = sh`pid=$(systemctl show --property=MainPID --value ${PATRONI.unit}) && [ "$pid" -gt 1 ]`;

/** The first line of postmaster.pid. https://www.postgresql.org/docs/18/storage-file-layout.html */
function postmasterPid(directory: string): Command {
  return sh`pid=$(head -n 1 ${directory}/postmaster.pid) && [ "$pid" -gt 1 ]`;
}
