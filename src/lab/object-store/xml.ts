/** A piece of an XML document: text, or elements by name; a list repeats its element. */
export type Xml = string | number | { readonly [name: string]: Xml | readonly Xml[] };

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Writes a document with one root element. */
export const document = (root: string, content: Xml): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, content)}`;

function element(name: string, content: Xml): string {
  return `<${name}>${body(content)}</${name}>`;
}

function body(content: Xml): string {
  if (typeof content !== 'object') return String(content).replaceAll(/[&<>"']/gu, (sign) => ENTITIES[sign] ?? sign);
  return Object.entries(content)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((one: Xml) => element(name, one)) : element(name, value as Xml),
    )
    .join('');
}

/** The texts of all elements of a name, which is all that the store reads of what clients send. */
export const textsOf = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'gu'))].map((match) => decode(match[1] ?? ''));

function decode(text: string): string {
  const signs = Object.fromEntries(Object.entries(ENTITIES).map(([sign, entity]) => [entity, sign]));
  return text.replaceAll(/&#(x?)([0-9a-f]+);|&\w+;/giu, (entity, hex: string, digits?: string) =>
    digits === undefined
      ? (signs[entity] ?? entity)
      : String.fromCodePoint(Number.parseInt(digits, hex === '' ? 10 : 16)),
  );
}
