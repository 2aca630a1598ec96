import * as z from 'zod/mini';

const stampSchema = z.object({ start: z.number(), stop: z.number() });
const rangeSchema = z.object({ start: z.nullable(z.string()), stop: z.nullable(z.string()) });

const backupSchema = z.object({
  label: z.string(),
  type: z.enum(['full', 'diff', 'incr']),
  /** Pages that failed their checksum were found while it was made. */
  error: z.nullish(z.boolean()),
  prior: z.nullable(z.string()),
  backrest: z.object({ version: z.string() }),
  /** Names of the first and last segment that it needs. */
  archive: rangeSchema,
  lsn: z.optional(rangeSchema),
  timestamp: stampSchema,
  database: z.object({ id: z.number() }),
  info: z.object({
    /** Bytes of the database, and of it what was copied this time. */
    size: z.number(),
    delta: z.number(),
    repository: z.object({ delta: z.nullish(z.number()) }),
  }),
});
export type BackupInfo = z.output<typeof backupSchema>;

/** `pgbackrest info --output=json`. https://pgbackrest.org/command.html#command-info */
const stanzaSchema = z.object({
  name: z.string(),
  archive: z.array(z.object({ id: z.string(), min: z.nullable(z.string()), max: z.nullable(z.string()) })),
  backup: z.array(backupSchema),
  db: z.array(z.object({ id: z.number(), version: z.string() })),
  repo: z.array(z.object({ status: z.object({ code: z.number(), message: z.string() }) })),
  status: z.object({
    code: z.number(),
    message: z.string(),
    lock: z.object({
      backup: z.object({ held: z.boolean(), size: z.nullish(z.number()) }),
    }),
  }),
});

/** What the repository has of one cluster. */
export type RepositoryInfo = z.output<typeof stanzaSchema>;

/** missing: the repository answers and knows nothing of the cluster; away: it does not answer as it should. */
export type StanzaState = 'there' | 'missing' | 'away';

/** The codes of `info` for a stanza that is not there, and for one that is, with backups and without. */
const MISSING_CODES = [1, 3];
const THERE_CODES = [0, 2];

/** pgBackRest quotes in its messages what it could not decipher, as it is, and JSON has none of these. */
const CONTROL_CHARACTERS = /\p{Cc}/gu;

/** The part of one cluster in the answer of `info`; undefined when the text is no such answer. Pure. */
export function repositoryInfo(text: string, stanza: string): RepositoryInfo | undefined {
  try {
    return z
      .array(stanzaSchema)
      .parse(JSON.parse(text.replaceAll(CONTROL_CHARACTERS, ' ')))
      .find(({ name }) => name === stanza);
  } catch {
    return undefined;
  }
}

export function stanzaState({ status }: RepositoryInfo): StanzaState {
  if (THERE_CODES.includes(status.code)) return 'there';
  return MISSING_CODES.includes(status.code) ? 'missing' : 'away';
}

/** The cipher pass does not fit: what comes out is no text. */
const UNREADABLE = /FormatError|CryptoError|unable to flush/u;

/** What pgBackRest says is wrong with the repository, fit to be shown. Pure. */
export function repositoryComplaint({ status, repo }: RepositoryInfo): string {
  const told = [...new Set(repo.map((each) => each.status.message))].filter((message) => message !== '');
  const text = (told.length === 0 ? [status.message] : told).join('\n');
  if (UNREADABLE.test(text)) {
    return 'what is stored there cannot be deciphered: it was written with another cipher pass (backupCipher in the secrets file), or is damaged';
  }
  return text;
}
