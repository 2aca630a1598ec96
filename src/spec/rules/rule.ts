import type { Spec } from '../schema.ts';
import type { Path } from '../problem.ts';

/** Something that each key allows by itself, but not together with the others. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  /** Point at the key instead of its value. */
  readonly at?: 'key' | 'value';
}

/** Pure: looks at a whole spec. */
export type Rule = (spec: Spec) => Finding[];

/** Each entry of which an earlier one has the same text, with the earlier one's index. */
export function repeated(texts: readonly (string | undefined)[]): { text: string; index: number; first: number }[] {
  return texts.flatMap((text, index) => {
    if (text === undefined) return [];
    const first = texts.indexOf(text);
    return first === index ? [] : [{ text, index, first }];
  });
}
