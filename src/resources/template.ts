import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import Handlebars from 'handlebars';
import { stringify } from 'yaml';

import { PACKAGE_ROOT } from '../package-root.ts';

const DIRECTORY = join(PACKAGE_ROOT, 'templates');

/** An own environment, so that no other user of Handlebars in the process can change our helpers. */
const environment = Handlebars.create();

/** A value as a JSON scalar, which is a YAML scalar too: quoted where it has to be. */
environment.registerHelper('json', (value: unknown) => JSON.stringify(value));

/** A value as a block of YAML, each line indented by `indent` blanks; 1.1, which Python reads, where `off` is no word. */
environment.registerHelper('yaml', (value: unknown, indent: number) =>
  yamlOf(value).replaceAll(/^/gmu, ' '.repeat(indent)),
);

/** Most of what is written as YAML is the same for every host, and writing it is the slowest part of rendering. */
const written = new Map<string, string>();

function yamlOf(value: unknown): string {
  const key = JSON.stringify(value);
  const known = written.get(key);
  if (known !== undefined) return known;
  const text = stringify(value, { lineWidth: 0, version: '1.1' }).trimEnd();
  written.set(key, text);
  return text;
}

const compiled = new Map<string, Handlebars.TemplateDelegate>();

/**
 * Renders `templates/<name>.hbs`. Values go in as they are (noEscape): what the target format needs quoted is quoted by
 * the template or by the settings that it is given.
 *
 * @throws Error when the template uses a value that `data` does not have (strict), so that no file is ever half filled.
 */
export function renderTemplate(name: string, data: object): string {
  let template = compiled.get(name);
  if (template === undefined) {
    const source = readFileSync(join(DIRECTORY, `${name}.hbs`), 'utf8');
    template = environment.compile(source, { noEscape: true, strict: true });
    compiled.set(name, template);
  }
  return template(data);
}
