import { BlockList, isIP } from 'node:net';

/** One line of pg_hba.conf, taken apart. */
export interface AccessRule {
  readonly type: string;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  /** Address with mask, or one of the words for addresses; undefined for a local line. */
  readonly address: string | undefined;
  readonly method: string;
  /** `clientcert=verify-full`, `map=m`. */
  readonly options: readonly string[];
}

/** A connection as the rules see it. */
export interface Login {
  readonly user: string;
  /** Roles that the user is a member of. */
  readonly groups: readonly string[];
  /** Undefined: physical replication, which has no database. */
  readonly database: string | undefined;
  /** Undefined: by the socket. */
  readonly address: string | undefined;
}

/** Takes a line apart; undefined for a comment, an include and what is no rule. Quotes stay: they take the meaning of keywords. */
export function parseAccessRule(line: string): AccessRule | undefined {
  const [type, databases, users, ...rest] = fieldsOf(line);
  if (type === undefined || databases === undefined || users === undefined) return undefined;
  if (type !== 'local' && !type.startsWith('host')) return undefined;
  const isLocal = type === 'local';
  const [first, method, ...options] = isLocal ? ['', ...rest] : withMask(rest);
  if (method === undefined) return undefined;
  const address = isLocal ? undefined : first;
  return { type, databases: listOf(databases), users: listOf(users), address, method: unquoted(method), options };
}

/** As PostgreSQL reads them: a list goes on after a comma, and a comment begins anywhere but in quotes. */
function fieldsOf(line: string): readonly string[] {
  const [rule = ''] = /^(?:"[^"]*"|[^"#])*/u.exec(line) ?? [];
  return rule.match(/(?:"[^"]*"|[^\s",])(?:"[^"]*"|,\s*|[^\s",])*/gu) ?? [];
}

function listOf(field: string): string[] {
  return field.match(/(?:"[^"]*"|[^\s",])+/gu) ?? [];
}

/** An address and its mask may be two words: `10.0.0.0 255.0.0.0`. */
function withMask(words: readonly string[]): readonly string[] {
  const [address = '', mask = '', ...rest] = words;
  return isIP(address) !== 0 && isIP(mask) !== 0 ? [`${address}/${prefixOf(mask)}`, ...rest] : words;
}

/**
 * The first line that fits a login over TLS (or the socket), by its index: it decides, whatever follows. Pure; names of
 * hosts and included files are not looked up, such lines fit nobody here.
 * https://www.postgresql.org/docs/18/auth-pg-hba-conf.html
 */
export function decidingLine(
  lines: readonly string[],
  login: Login,
): { readonly index: number; readonly method: string } | undefined {
  for (const [index, line] of lines.entries()) {
    const rule = parseAccessRule(line);
    if (rule !== undefined && fits(rule, login)) return { index, method: rule.method };
  }
  return undefined;
}

function fits(rule: AccessRule, login: Login): boolean {
  return (
    fitsAddress(rule, login.address) &&
    rule.databases.some((word) => fitsDatabase(word, login)) &&
    rule.users.some((word) => fitsUser(word, login))
  );
}

function fitsAddress({ type, address }: AccessRule, from: string | undefined): boolean {
  if (address === undefined || from === undefined) return address === undefined && from === undefined;
  // Such a line is not for a connection over TLS.
  if (type === 'hostnossl' || type === 'hostgssenc') return false;
  // Members are in the same network as often as not: better a warning too many.
  if (['all', 'samehost', 'samenet'].includes(address)) return true;
  return isWithin(address, from);
}

function isWithin(network: string, from: string): boolean {
  const [start = '', prefix] = network.split('/');
  const family = isIP(start);
  if (family === 0 || family !== isIP(from)) return false;
  const [name, bits] = family === 6 ? (['ipv6', 128] as const) : (['ipv4', 32] as const);
  const length = Number(prefix ?? bits);
  // PostgreSQL says what is wrong with it.
  if (!Number.isInteger(length) || length < 0 || length > bits) return false;
  const list = new BlockList();
  list.addSubnet(start, length, name);
  return list.check(from, name);
}

function fitsDatabase(word: string, { database, user, groups }: Login): boolean {
  if (word === 'replication') return database === undefined;
  if (database === undefined) return false;
  if (word === 'all' || (word === 'sameuser' && database === user)) return true;
  if (word === 'samerole' || word === 'samegroup') return database === user || groups.includes(database);
  return fitsName(word, database);
}

function fitsUser(word: string, { user, groups }: Login): boolean {
  if (word === 'all') return true;
  if (word.startsWith('+')) return [user, ...groups].includes(unquoted(word.slice(1)));
  return fitsName(word, user);
}

function fitsName(word: string, name: string): boolean {
  if (!word.startsWith('/')) return unquoted(word) === name;
  try {
    return new RegExp(word.slice(1), 'u').test(name);
  } catch {
    // PostgreSQL says what is wrong with it before the file is taken over.
    return false;
  }
}

function unquoted(word: string): string {
  return word.replaceAll('"', '');
}

/** How many bits of a mask are set: `255.255.0.0` is 16. */
function prefixOf(mask: string): number {
  const [radix, separator, digits] = isIP(mask) === 6 ? [16, ':', 4] : [10, '.', 3];
  const numbers = mask.split(separator).map((part) => Number.parseInt(part.slice(0, digits) || '0', radix));
  return numbers.reduce((sum, number) => sum + number.toString(2).replaceAll('0', '').length, 0);
}
