import { jsonSchema } from '../../src/spec/json-schema.ts';
import { OWNED_PARAMETERS } from '../../src/components/postgres/owned-parameters.ts';
import { GENERATED, markdownTable } from './markdown.ts';

/** What of JSON Schema zod makes use of here. */
interface Node {
  type?: string | string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Node>;
  required?: string[];
  items?: Node;
  additionalProperties?: Node | boolean;
  anyOf?: Node[];
  oneOf?: Node[];
}

/** docs/reference/spec.md */
export function specPage(): string {
  const root = jsonSchema() as Node;
  const sections = Object.entries(root.properties ?? {}).map(([key, node]) => {
    const rows = rowsOf(node, key, root.required?.includes(key) ?? false);
    const table = markdownTable(['key', 'value', 'default', 'meaning'], rows);
    return `## ${key}\n\n${table}`;
  });
  const owned = Object.entries(OWNED_PARAMETERS).map(([name, reason = '']) => [`\`${name}\``, reason]);
  return (
    [
      GENERATED,
      '# The spec: pgscale.yaml',
      'Every key of the spec. A key that is not here is an error. A default of "required" means that there is none. ' +
        'Editors get the same from [pgscale.schema.json](pgscale.schema.json).',
      ...sections,
      '# Parameters that belong to pgscale',
      '`postgres.parameters` may set any parameter of PostgreSQL but these:',
      markdownTable(['parameter', 'why'], owned),
    ].join('\n\n') + '\n'
  );
}

function rowsOf(node: Node, path: string, required: boolean): string[][] {
  const own = [`\`${path}\``, typeOf(node), defaultOf(node, required), node.description ?? ''];
  return [own, ...childrenOf(node, path)];
}

function childrenOf(node: Node, path: string): string[][] {
  const { properties = {}, required = [], items, oneOf = [], additionalProperties } = node;
  return [
    ...Object.entries(properties).flatMap(([key, child]) => rowsOf(child, `${path}.${key}`, required.includes(key))),
    ...(items === undefined ? [] : childrenOf(items, `${path}[]`)),
    ...oneOf.flatMap((option) => childrenOf(option, `${path} (${String(option.properties?.['type']?.const)})`)),
    ...(typeof additionalProperties === 'object' ? childrenOf(additionalProperties, `${path}.NAME`) : []),
  ];
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  const options = node.anyOf ?? node.oneOf;
  if (options !== undefined) return [...new Set(options.map(typeOf))].join(' or ');
  if (node.format === 'ipv4' || node.format === 'ipv6') return 'IP address';
  if (node.type === 'array') return `list of ${node.items === undefined ? 'anything' : typeOf(node.items)}`;
  if (node.type === 'object') return 'mapping';
  const name = [node.type ?? 'anything']
    .flat()
    .join(' or ')
    .replace('string', 'text')
    .replace('integer', 'whole number');
  return `${name}${range(node)}`;
}

function range({ minimum, maximum }: Node): string {
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum === undefined || minimum === Number.MIN_SAFE_INTEGER) return '';
  return isBounded ? ` from ${minimum} to ${maximum}` : ` from ${minimum}`;
}

function defaultOf(node: Node, required: boolean): string {
  if (required) return 'required';
  const isEmpty = node.default === undefined || (typeof node.default === 'object' && node.properties !== undefined);
  return isEmpty ? '' : `\`${JSON.stringify(node.default)}\``;
}
