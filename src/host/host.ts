import type { Command } from './command.ts';

/** What a command left behind. Output is UTF-8 text, without the last newline. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Run as this user (through `sudo -u`, or runuser when logged in as root). Default: root. */
  as?: string;
  /** Written to the command's standard input, which is then closed. */
  stdin?: string;
  /** The command is given up after this time. Default 30,000. */
  deadlineMs?: number;
  /** The command's text and output may hold a secret: keep both out of errors and logs. */
  secret?: boolean;
  /** Exit statuses that are no failure. Default [0]; 'any' never throws for a status. */
  okStatuses?: readonly number[] | 'any';
  /** Called with each piece of standard output as it arrives. */
  onStdout?: (text: string) => void;
  signal?: AbortSignal;
}

/** Who owns a file and who may read it: `mode` as in chmod ('0640'). */
export interface FileAttributes {
  owner: string;
  group: string;
  mode: string;
}

/** A file as found on a host. */
export interface RemoteFile extends FileAttributes {
  content: string;
}

/** A local TCP port that leads to an address seen from the host; disposed of with `await using`. */
export interface Forward extends AsyncDisposable {
  readonly port: number;
}

/** A command that goes on until it is closed: the lock holder, a log that is followed. */
export interface Session extends AsyncDisposable {
  /** Writes to the command's standard input. */
  write(text: string): void;
  /** Resolves with the result when the command ends or the connection breaks (exitCode -1). */
  readonly ended: Promise<CommandResult>;
}

/**
 * Looks at a host and never changes it. Reads that are asked for at the same moment travel together, in one SSH round
 * trip, so that a resource can be written as if it were alone.
 */
export interface Reader {
  readonly name: string;
  /** Runs a command as root that changes nothing; any exit status is an answer. */
  read(command: Command): Promise<CommandResult>;
  /** The file with its attributes, or undefined when there is none. */
  readFile(path: string): Promise<RemoteFile | undefined>;
}

/** A machine that pgscale works on. One SSH connection each; `LocalHost` is the agent's own machine. */
export interface Host extends Reader {
  readonly address: string;
  /** How many times a request crossed the network since the connection was there (benchmarks print it). */
  readonly roundTrips: number;
  /**
   * Runs a command, as root unless `as` says otherwise.
   * @throws PgscaleError PGS_REMOTE_COMMAND (status not ok), PGS_REMOTE_DEADLINE, PGS_HOST_UNREACHABLE (connection lost)
   */
  run(command: Command, options?: RunOptions): Promise<CommandResult>;
  /** Writes by a temporary file and a rename, so that a reader sees the old file or the new one, never a half. */
  writeFile(path: string, content: string, attributes: FileAttributes): Promise<void>;
  /** Starts a command that goes on; it ends with the connection. */
  session(command: Command, onStdout: (text: string) => void): Promise<Session>;
  /** A local port that leads to `address:port` as the host sees it. */
  forward(address: string, port: number): Promise<Forward>;
  close(): Promise<void>;
}
