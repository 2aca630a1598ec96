import { literal, type KeyType } from '../axis.ts';
import { BOUNDS_CONSTRAINT } from '../catalog.ts';
import { brief, quoteIdentifier, quoteLiteral, type Statement, waiting } from '../statements.ts';
import type { PlainTable } from './catalog.ts';
import { ownKeys } from './keys.ts';
import { parentStatements } from './parent.ts';
import type { AdoptAction } from './plan.ts';
import { swapStatement } from './swap.ts';
import { boundsMark, type First, type Target } from './target.ts';

/** The transactions of one step, in order. All SQL of an adoption is here and in the two files beside. Pure. */
export function adoptStatements(target: Target, action: AdoptAction): Statement[] {
  const { id, schema } = target.table;
  switch (action.kind) {
    case 'uncheck':
      return [uncheck(id)];
    case 'index': {
      const { name, columns, state } = action.key;
      return [
        ...(state === 'invalid' ? [waiting(`DROP INDEX CONCURRENTLY ${schema}.${name}`)] : []),
        waiting(`CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${id} (${columns.join(', ')})`),
      ];
    }
    case 'check':
      return [check(target)];
    case 'validate':
      return [waiting(`ALTER TABLE ${id} VALIDATE CONSTRAINT ${BOUNDS_CONSTRAINT}`)];
    case 'parent':
      return parentStatements(target);
    case 'swap':
      return [swapStatement(target)];
    case 'analyze':
      return [waiting(`ANALYZE ONLY ${id}`)];
  }
}

/** What takes everything back that an adoption has done before its swap. Pure. */
export function revertStatements(table: PlainTable): Statement[] {
  const { id, schema, begun, parent } = table;
  const built = table.keys.filter((key) => !ownKeys(table).includes(key));
  return [
    ...(begun === null ? [] : [uncheck(id)]),
    ...(parent?.isOurs === true ? [brief(`DROP TABLE ${parent.id}`)] : []),
    ...built.map(({ name }) => waiting(`DROP INDEX CONCURRENTLY ${schema}.${name}`)),
  ];
}

/** Not validated, it takes ACCESS EXCLUSIVE for an instant only; its comment is all that an adoption has to remember. */
function check({ policy, table, type, first }: Target): Statement {
  const column = table.column?.name ?? quoteIdentifier(policy.column);
  const body = `BEGIN
  ALTER TABLE ${table.id} ADD CONSTRAINT ${BOUNDS_CONSTRAINT} CHECK (${condition(column, first, type)}) NOT VALID;
  COMMENT ON CONSTRAINT ${BOUNDS_CONSTRAINT} ON ${table.id} IS ${quoteLiteral(boundsMark(first))};
END`;
  return brief(`DO ${quoteLiteral(body)}`);
}

function condition(column: string, { upper }: First, type: KeyType): string {
  return `${column} IS NOT NULL AND ${column} < ${literal(upper, type)}`;
}

function uncheck(id: string): Statement {
  return brief(`ALTER TABLE ${id} DROP CONSTRAINT IF EXISTS ${BOUNDS_CONSTRAINT}`);
}
