import { BaseCommand } from '../base-command.ts';

/** `pgscale schema`. */
export default class Schema extends BaseCommand<typeof Schema> {
  static override summary = 'Print the JSON Schema of the spec, for editors.';
  static override examples = ['<%= config.bin %> schema > pgscale.schema.json'];

  async run(): Promise<unknown> {
    const { jsonSchema } = await import('../spec/json-schema.ts');
    const schema = jsonSchema();
    this.log(JSON.stringify(schema, null, 2));
    return schema;
  }
}
