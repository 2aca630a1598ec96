/** The ends of a psql that goes on: over SSH for the command line, a child process for the agent. */
export interface PsqlPipe {
  write(text: string): void;
  /** Resolves with what it left on standard error when psql ends, for whatever reason. */
  readonly ended: Promise<string>;
}

/** PostgreSQL refused a statement, or nobody answers any more (`sqlState` 08006). */
export class SqlError extends Error {
  readonly sqlState: string;

  constructor(sqlState: string, message: string) {
    super(message);
    this.name = 'SqlError';
    this.sqlState = sqlState;
  }
}

interface Waiting {
  readonly mark: string;
  readonly resolve: (output: string) => void;
  readonly reject: (error: SqlError) => void;
}

const LOST = '08006';

/**
 * One session of PostgreSQL, one statement at a time. It is psql's, so that the hosts need no driver and no password: the
 * advisory lock of a rotation lasts as long as this session. Statements come from src/partitions only: psql would take a
 * line that begins with a backslash for a command of its own.
 */
export class SqlSession {
  #pipe: PsqlPipe | undefined;
  #heard = '';
  #waiting: Waiting | undefined;
  #count = 0;
  #lost: SqlError | undefined;

  /** Begins to use a psql that was started with -XAtq, and what it prints given to `hear`. */
  attach(pipe: PsqlPipe): void {
    this.#pipe = pipe;
    void pipe.ended.then((stderr) => this.#lose(stderr));
  }

  /** Takes what psql prints. */
  hear(text: string): void {
    this.#heard += text;
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const at = this.#heard.indexOf(waiting.mark);
    const end = at === -1 ? -1 : this.#heard.indexOf(`${waiting.mark}end`, at);
    if (end === -1) return;
    const output = this.#heard.slice(0, at).trim();
    const [isError, sqlState = '', ...message] = this.#heard
      .slice(at + waiting.mark.length, end)
      .trim()
      .split(' ');
    this.#heard = '';
    this.#waiting = undefined;
    if (isError === 'true') waiting.reject(new SqlError(sqlState, message.join(' ').trim()));
    else waiting.resolve(output);
  }

  /** Runs one statement and gives what it prints. @throws SqlError */
  run(statement: string): Promise<string> {
    const lost = this.#lost;
    if (lost !== undefined) return Promise.reject(lost);
    const mark = `pgscale-${++this.#count}-${Math.random().toString(36).slice(2)}-`;
    return new Promise((resolve, reject) => {
      this.#waiting = { mark, resolve, reject };
      // https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-VARIABLES-ERROR
      this.#pipe?.write(`${statement};\n\\echo ${mark} :ERROR :SQLSTATE :LAST_ERROR_MESSAGE ${mark}end\n`);
    });
  }

  #lose(stderr: string): void {
    const last = stderr.trim().split('\n').at(-1) ?? '';
    this.#lost = new SqlError(LOST, `the session with PostgreSQL ended${last === '' ? '' : `: ${last}`}`);
    this.#waiting?.reject(this.#lost);
    this.#waiting = undefined;
  }
}
