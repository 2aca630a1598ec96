import { z } from 'zod';

/** A cluster, host, zone or database name that is safe in file names, unit names and DNS. */
export const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,30}$/u, 'expected a name: a lower-case letter, then letters, digits, - or _ (31 at most)');

/** An SQL identifier that needs no quotes. */
export const identifierSchema = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/u, 'expected an SQL name: lower-case letters, digits and _ (63 at most)');

export const portSchema = z.int().min(1).max(65_535);

/** An IPv4 or IPv6 address, without a port. */
export const addressSchema = z.union([z.ipv4(), z.ipv6()], { error: 'expected an IP address, like 10.0.0.11' });

/** A host name or an IP address. */
export const hostNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/u, 'expected a host name or an IP address');

/** A table as it is named without quotes; it is in the schema public when none is named. */
export const tableSchema = z
  .string()
  .regex(
    /^(?:[a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,62}$/u,
    'expected a table: name or schema.name, in lower case without quotes',
  )
  .transform((name) => (name.includes('.') ? name : `public.${name}`));
