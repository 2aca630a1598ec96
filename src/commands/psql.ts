import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';

/** `pgscale psql`: a session on an endpoint or a member. */
export default class Psql extends BaseCommand<typeof Psql> {
  static override enableJsonFlag = false;
  static override summary = 'Open a psql session on an endpoint, or on one member over SSH.';
  static override description =
    'On an endpoint it is the psql of this machine, logged in as a role of the spec over verified TLS. With --member it is the psql of that host, as the superuser.';
  static override examples = [
    '<%= config.bin %> psql',
    '<%= config.bin %> psql --endpoint replica --command "select pg_is_in_recovery()"',
    '<%= config.bin %> psql --member pg2 --database app',
  ];
  static override flags = {
    endpoint: Flags.option({ options: ['primary', 'replica', 'pool'] as const, exclusive: ['member'] })({
      char: 'e',
      summary: 'The endpoint to connect to.',
      default: 'primary' as const,
    }),
    member: Flags.string({ char: 'm', summary: 'Connect to PostgreSQL on this host instead.', helpValue: 'HOST' }),
    database: Flags.string({ char: 'd', summary: 'A database of the spec; default: the first.', helpValue: 'NAME' }),
    role: Flags.string({ summary: "A role of the spec; default: the database's owner.", helpValue: 'NAME' }),
    command: Flags.string({ summary: 'Run this SQL and exit.', helpValue: 'SQL' }),
  };

  async run(): Promise<void> {
    const { loadCluster } = await import('../spec/cluster.ts');
    const { runPsql } = await import('../operations/psql.ts');
    const { config, database, role, member, command, endpoint } = this.flags;
    const status = await runPsql(await loadCluster(config), { endpoint, member, database, role, command });
    if (status !== 0) this.exitWith('unexpected');
  }
}
