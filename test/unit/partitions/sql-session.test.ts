import { describe, expect, it } from 'vitest';

import { SqlSession } from '../../../src/partitions/sql-session.ts';

/** A psql that answers what it is told to; gives what was written to it. */
function psql(answer: (written: string, mark: string) => string): {
  session: SqlSession;
  written: string[];
  end: (stderr: string) => void;
} {
  const session = new SqlSession();
  const written: string[] = [];
  let end: (stderr: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (end = resolve));
  const write = (text: string): void => {
    written.push(text);
    const [, mark = ''] = /\\echo (\S+) :ERROR/u.exec(text) ?? [];
    for (const letter of answer(text, mark)) session.hear(letter);
  };
  session.attach({ write, ended });
  return { session, written, end };
}

describe('a session of psql', () => {
  it('gives what a statement prints, also when it comes letter by letter', async () => {
    const { session, written } = psql((_, mark) => `42\n${mark} false 00000  ${mark}end\n`);
    expect(await session.run('SELECT 42')).toBe('42');
    expect(written[0]).toMatch(/^SELECT 42;\n\\echo /u);
  });

  it('throws what the server answers, and goes on', async () => {
    const { session } = psql((text, mark) =>
      text.startsWith('DROP')
        ? `${mark} true 55P03 canceling statement due to lock timeout ${mark}end\n`
        : `${mark} false 00000 old ${mark}end\n`,
    );
    await expect(session.run('DROP TABLE a')).rejects.toMatchObject({
      sqlState: '55P03',
      message: 'canceling statement due to lock timeout',
    });
    expect(await session.run('SELECT')).toBe('');
  });

  it('throws for the statement that waits, and for all later ones, when psql ends', async () => {
    const { session, end } = psql(() => '');
    const waiting = session.run('SELECT 1');
    end('psql: error: terminating connection\n');
    await expect(waiting).rejects.toMatchObject({ sqlState: '08006' });
    await expect(session.run('SELECT 2')).rejects.toThrow('terminating connection');
  });
});
