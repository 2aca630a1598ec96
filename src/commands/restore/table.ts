import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { RestoredTables, TableOptions } from '../../operations/restore/table/index.ts';

/** `pgscale restore table`. */
export default class RestoreTable extends BaseCommand<typeof RestoreTable> {
  static override summary = 'Bring a table or a schema from a side restore back into the cluster, under another name.';
  static override description =
    'The table comes with its partitions, indexes, constraints, defaults and the sequences that it owns, in a schema of another name; what is there is not touched. Foreign keys to tables that stay are left out. All in one transaction: interrupted, there is nothing of it.';
  static override examples = [
    '<%= config.bin %> restore table public.orders',
    '<%= config.bin %> restore table orders --from check --into before_accident --yes',
    '<%= config.bin %> restore table --schema sales --json --yes',
  ];
  static override args = { table: Args.string({ description: 'name, or schema.name; without a schema: public.' }) };
  static override flags = {
    schema: Flags.string({ summary: 'A whole schema instead of a table.', helpValue: 'NAME' }),
    from: Flags.string({ summary: 'The side restore.', default: 'side', helpValue: 'NAME' }),
    into: Flags.string({
      summary: 'The schema that it gets; default: restored, or restored_NAME for a schema.',
      helpValue: 'SCHEMA',
    }),
    database: Flags.string({ char: 'd', summary: 'Default: the first of the spec.', helpValue: 'NAME' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  };

  async run(): Promise<RestoredTables> {
    const [{ openCluster }, { restoreTable }, { interruptible }, { progressStyle }, { renderTables }] =
      await Promise.all([
        import('../../operations/cluster-session.ts'),
        import('../../operations/restore/table/index.ts'),
        import('../../run/signals.ts'),
        import('../../run/task-list.ts'),
        import('../../ui/restore.ts'),
      ]);
    const { config, schema, from, into, database, yes } = this.flags;
    using interrupt = interruptible(() => process.stderr.write('\nno longer waiting; it goes on\n'));
    await using session = await openCluster({ specPath: config, tolerate: true });
    const confirm: TableOptions['confirm'] = async ({ tables, database: name, into: schemaName }) => {
      const { confirmed } = await import('../../ui/prompts.ts');
      const many = tables.length === 1 ? (tables[0] ?? '') : `${tables.length} tables into ${schemaName}`;
      await confirmed(yes, `Bring ${many} from ${from} into the database ${name}?`);
    };
    const run = { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal };
    const restored = await restoreTable(session, {
      table: this.args.table,
      schema,
      into,
      from,
      database,
      confirm,
      run,
    });
    this.log(renderTables(restored));
    return restored;
  }
}
