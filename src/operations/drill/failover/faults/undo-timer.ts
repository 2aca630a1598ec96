import { sh, type Command } from '../../../../host/command.ts';

const UNIT = 'pgscale-drill-undo';

/** Has systemd on the host take a fault back after a time, whatever becomes of the command line. */
export function startUndoTimer(undo: Command, afterMs: number): Command {
  const seconds = `${Math.ceil(afterMs / 1000)}s`;
  return sh`${stopUndoTimer}
systemd-run --quiet --collect --unit=${UNIT} --on-active=${seconds} --timer-property=AccuracySec=1s /bin/sh -c ${undo.script}`;
}

export const stopUndoTimer = sh`systemctl stop ${UNIT}.timer 2>/dev/null || true
systemctl reset-failed ${UNIT}.timer ${UNIT}.service 2>/dev/null || true`;
