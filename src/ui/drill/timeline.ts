import type { ShownPicture, ShownRound } from './shown.ts';

const WIDTH = 1080;
const LEFT = 118;
const RIGHT = 16;
const TOP = 46;
const WRITES_HEIGHT = 92;
const LANE = 11;
const GAP = 20;
const AXIS = 26;

/** A place on the page for a moment of a round. */
type X = (ms: number) => number;

/**
 * One round as a picture (SVG): acknowledged writes by server, errors, read transactions by client, and what happened
 * when. Pure.
 */
export function timeline(round: ShownRound, colourOf: (host: string) => string): string {
  const { picture } = round;
  const x: X = (ms) => LEFT + ((ms - picture.fromMs) / (picture.toMs - picture.fromMs)) * (WIDTH - LEFT - RIGHT);
  const lanes = Math.max(0, ...picture.transactions.map(({ client }) => client + 1));
  const readsTop = TOP + WRITES_HEIGHT + GAP;
  const probesTop = readsTop + lanes * LANE + GAP;
  const height = probesTop + LANE + AXIS;
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="timeline of round ${round.number}">
${axis(picture, x, height)}
${label('writes', TOP + WRITES_HEIGHT / 2)}${label('read transactions', readsTop + (lanes * LANE) / 2)}${label('new readers', probesTop + LANE / 2)}
${writes(picture, x, colourOf)}
${ticks(picture, x, TOP + WRITES_HEIGHT + 3, { kind: 'error', counts: picture.writeErrors })}
${transactions(picture, x, readsTop, colourOf)}
${ticks(picture, x, probesTop, { kind: 'read', counts: picture.freshReads })}
${ticks(picture, x, probesTop, { kind: 'error', counts: picture.readErrors })}
${marks(round, x, height - AXIS)}
</svg>`;
}

const n = (value: number): string => value.toFixed(1).replace(/\.0$/u, '');

function label(text: string, y: number): string {
  return `<text class="label" x="${LEFT - 12}" y="${n(y + 4)}">${text}</text>`;
}

function axis({ fromMs, toMs }: ShownPicture, x: X, height: number): string {
  const step = [1, 2, 5, 10, 20, 30, 60, 120].find((each) => (toMs - fromMs) / 1000 / each <= 14) ?? 300;
  const first = Math.ceil(fromMs / 1000 / step) * step;
  const count = Math.floor((toMs / 1000 - first) / step) + 1;
  return Array.from({ length: count }, (_, index) => first + index * step)
    .map((second) => {
      const at = n(x(second * 1000));
      return `<line class="grid" x1="${at}" x2="${at}" y1="${TOP}" y2="${height - AXIS}"/><text class="tick" x="${at}" y="${height - 8}">${second} s</text>`;
    })
    .join('');
}

/** Bars from the bottom of their band, one colour for each server, stacked where two wrote in one bucket. */
function writes(picture: ShownPicture, x: X, colourOf: (host: string) => string): string {
  const { bucketMs, fromMs } = picture;
  const bottom = TOP + WRITES_HEIGHT;
  const sums = (picture.writes[0]?.counts ?? []).map((_, index) =>
    picture.writes.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0),
  );
  const scale = WRITES_HEIGHT / Math.max(1, ...sums);
  const base = sums.map(() => 0);
  return picture.writes
    .map(({ host, counts }) => {
      const bars = counts.map((count, index) => {
        if (count === 0) return '';
        const from = x(fromMs + index * bucketMs);
        const to = x(Math.min(picture.toMs, fromMs + (index + 1) * bucketMs));
        const top = (base[index] ?? 0) + count;
        const y = bottom - top * scale;
        base[index] = top;
        return `M${n(from)} ${n(y)}H${n(to)}V${n(y + count * scale)}H${n(from)}Z`;
      });
      return `<path fill="${colourOf(host)}" d="${bars.join('')}"/>`;
    })
    .join('');
}

/** Something small wherever a bucket is not empty; stronger where there was more. */
function ticks(
  { bucketMs, fromMs, toMs }: ShownPicture,
  x: X,
  y: number,
  { kind, counts }: { kind: 'read' | 'error'; counts: readonly number[] },
): string {
  const most = Math.max(1, ...counts);
  const width = n(Math.max(1, x(fromMs + bucketMs) - x(fromMs) - 0.6));
  return counts
    .map((count, index) => {
      const at = fromMs + index * bucketMs;
      if (count === 0 || at >= toMs) return '';
      const opacity = n(0.45 + (0.55 * count) / most);
      return `<rect class="${kind}" x="${n(x(at))}" y="${y}" width="${width}" height="${LANE - 3}" opacity="${opacity}"><title>${count}</title></rect>`;
    })
    .join('');
}

function transactions(picture: ShownPicture, x: X, top: number, colourOf: (host: string) => string): string {
  return picture.transactions
    .map(({ client, beginMs, endMs, host, isBroken }) => {
      const from = x(Math.max(picture.fromMs, beginMs));
      const to = x(Math.min(picture.toMs, endMs));
      const y = top + client * LANE;
      const bar = `<rect x="${n(from)}" y="${y}" width="${n(Math.max(1, to - from - 1.5))}" height="${LANE - 4}" rx="2" fill="${colourOf(host)}" opacity="0.75"><title>${host}</title></rect>`;
      const end = `<rect class="error" x="${n(to - 3)}" y="${y - 1}" width="4" height="${LANE - 2}"/>`;
      return isBroken ? bar + end : bar;
    })
    .join('');
}

/** The moments of a round as lines with names, on two levels so that close ones do not cover each other. */
function marks({ times, victim, primary }: ShownRound, x: X, bottom: number): string {
  const moved = primary === victim ? 'writes go on' : `${primary ?? 'nobody'} writes`;
  const all = [
    { ms: 0, text: `${victim} is hit`, kind: 'hit' },
    { ms: times.writeMs, text: `${moved} · ${text(times.writeMs)}`, kind: 'good' },
    { ms: times.undoneMs, text: `fault taken back · ${text(times.undoneMs)}`, kind: 'note' },
    { ms: times.redundantMs, text: `redundant · ${text(times.redundantMs)}`, kind: 'good' },
  ].flatMap(({ ms, ...rest }) => (ms === null ? [] : { ms, ...rest }));
  return all
    .map(({ ms, text: name, kind }, index) => {
      const at = x(ms);
      const isLate = at > WIDTH - 190;
      const y = index % 2 === 0 ? 14 : 32;
      return `<line class="mark ${kind}" x1="${n(at)}" x2="${n(at)}" y1="${y - 8}" y2="${bottom}"/><text class="mark ${kind}" x="${n(at + (isLate ? -5 : 5))}" y="${y}"${isLate ? ' text-anchor="end"' : ''}>${name}</text>`;
    })
    .join('');
}

function text(ms: number | null): string {
  return ms === null ? '' : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}
