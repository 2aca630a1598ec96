import { cmd, quote, type Command } from './command.ts';

/** How a command is started on a host. */
export interface Launch {
  /** The user who runs the command; undefined: whoever starts it. */
  readonly as: string | undefined;
  /** The host ends the command by itself after this time, also when it has lost us; 0: never. */
  readonly limitSeconds: number;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** A comment, so that it may stay in the script; a script without it was cut off on its way and is not run. */
const END_MARK = '\n#end-of-script';
const TRUNCATED_STATUS = 74;
const KILL_AFTER_SECONDS = 5;

/**
 * The command line that runs, as root, a script which follows on standard input. It prints its process group (see
 * `stopLine`) and a newline before anything else.
 */
export function launchLine(script: Buffer, login: string, launch: Launch): string {
  return becomeRoot(login, `PATH=${PATH}; echo $$; exec ${limitedShell(script, launch).script}`);
}

/**
 * Runs a script that follows on standard input, where `ps` does not show it and where there is no limit of length; what
 * comes after it there is the script's own. `head -c` of GNU coreutils never reads further than it is told.
 */
export function limitedShell(script: Buffer, { as, limitSeconds }: Launch): Command {
  if (as !== undefined && !/^[a-z_][\w.-]*$/u.test(as)) throw new Error(`not a user name: ${as}`);
  const inner = [
    'cd /',
    `export LC_ALL=C.UTF-8 PATH=${PATH}${as === undefined ? '' : ` HOME=~${as}`}`,
    `s=$(head -c ${script.length})`,
    `case $s in *${quote(END_MARK.trim())}) eval "$s" ;; *) exit ${TRUNCATED_STATUS} ;; esac`,
  ].join('; ');
  const user = as === undefined || as === 'root' ? [] : ['runuser', '-u', as, '--'];
  return cmd('timeout', '-k', String(KILL_AFTER_SECONDS), String(limitSeconds), ...user, '/bin/sh', '-c', inner);
}

/** The first part of standard input: the script, with the mark of its end. */
export function scriptBytes(command: Command): Buffer {
  return Buffer.from(command.script + END_MARK);
}

/** Ends a command with all its children (`timeout` has made a process group of them), by force after two seconds. */
export function stopLine(login: string, processGroup: number): string {
  const kill = (signal: string): string => `kill -s ${signal} -- -${processGroup} 2>/dev/null`;
  const patience = `for _ in 1 2 3 4 5 6 7 8 9 10; do ${kill('0')} || exit 0; sleep 0.2; done`;
  return becomeRoot(login, `${kill('TERM')}; ${patience}; ${kill('KILL')}`);
}

function becomeRoot(login: string, script: string): string {
  const shell = cmd('/bin/sh', '-c', script).script;
  return login === 'root' ? shell : `sudo -n -- ${shell}`;
}
