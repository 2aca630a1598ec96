import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { Connection, Consumer } from '../../operations/cdc/connect.ts';

/** `pgscale cdc connect`. */
export default class CdcConnect extends BaseCommand<typeof CdcConnect> {
  static override summary = 'Print a configuration with which a consumer reads a stream.';
  static override description =
    'By way of the primary endpoint, over TLS, with the slot and the publication that are there. The password is printed only with --password. Contacts nothing.';
  static override examples = [
    '<%= config.bin %> cdc connect feed debezium --ca ./orders-ca.crt --password > application.properties',
    '<%= config.bin %> cdc connect feed kafka-connect',
  ];
  static override args = {
    name: Args.string({ description: 'A stream of the spec.', required: true }),
    consumer: Args.string({
      description: 'What reads it.',
      options: ['debezium', 'kafka-connect', 'clickhouse', 'generic'],
      required: true,
    }),
  };
  static override flags = {
    ca: Flags.string({ summary: "Write the cluster's CA certificate to this file, and name it.", helpValue: 'FILE' }),
    'ca-path': Flags.string({
      summary: 'Where the consumer will find that certificate; default: --ca.',
      helpValue: 'PATH',
    }),
    password: Flags.boolean({ summary: 'With the password of the role, instead of ${CDC_PASSWORD}.' }),
  };

  async run(): Promise<Connection> {
    const { loadCluster } = await import('../../spec/cluster.ts');
    const { connection } = await import('../../operations/cdc/connect.ts');
    const { writeCa } = await import('../../operations/url.ts');
    const { ca, password, config } = this.flags;
    const cluster = await loadCluster(config);
    const found = connection(cluster, {
      name: this.args.name,
      consumer: this.args.consumer as Consumer,
      caFile: this.flags['ca-path'] ?? ca ?? `/etc/ssl/${cluster.spec.cluster}-ca.crt`,
      withPassword: password,
    });
    if (ca !== undefined) await writeCa(cluster, ca);
    for (const note of found.notes) process.stderr.write(`${note}\n`);
    this.log(found.text);
    return found;
  }
}
