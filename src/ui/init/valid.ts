import type { z } from 'zod';

/** True, or what is wrong with an answer, as the prompts want it. */
export type Validate = (answer: string) => true | string;

/** Checks an answer by the same rule as the spec. */
export function valid(schema: z.ZodType): Validate {
  return (answer) => {
    const parsed = schema.safeParse(answer);
    return parsed.success || parsed.error.issues.map((issue) => issue.message).join('; ');
  };
}

/** As `valid`, but nothing is an answer too. */
export function orBlank(schema: z.ZodType): Validate {
  return (answer) => answer === '' || valid(schema)(answer);
}

/** As `valid`, and the answer must not be one of those given before. */
export function validAndNew(schema: z.ZodType, taken: readonly (string | undefined)[]): Validate {
  return (answer) => (taken.includes(answer) ? `${answer} is taken already` : valid(schema)(answer));
}
