import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Urls } from '../operations/url.ts';

/** `pgscale url`: what an application needs to connect. */
export default class Url extends BaseCommand<typeof Url> {
  static override summary = 'Print the connection URLs of the three endpoints, passwords included.';
  static override description =
    'One line for each endpoint, ready for an environment file. With `--ca`, the certificate of the cluster is verified too.';
  static override examples = [
    '<%= config.bin %> url > .env',
    '<%= config.bin %> url --database app --role app --ca ./orders-ca.crt',
  ];
  static override flags = {
    database: Flags.string({ summary: 'A database of the spec; default: the first.', helpValue: 'NAME' }),
    role: Flags.string({ summary: "A role of the spec; default: the database's owner.", helpValue: 'NAME' }),
    ca: Flags.string({
      summary: "Write the cluster's CA certificate to this file, and use it: sslmode=verify-full.",
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<Urls> {
    const { loadCluster } = await import('../spec/cluster.ts');
    const { urls, writeCa } = await import('../operations/url.ts');
    const { ca, config, database, role } = this.flags;
    const cluster = await loadCluster(config);
    const found = urls(cluster, { database, role }, ca);
    if (ca !== undefined) await writeCa(cluster, ca);
    for (const [name, value] of Object.entries(found)) this.log(`${name}=${value}`);
    return found;
  }
}
