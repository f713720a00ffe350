/** Numbers, times and names, as people read them. */

/** The page of what the API calls by this path. */
export function link(path) {
  return '#' + path.replace(/^\/v1/, '').replace(/\/status$/, '');
}

export function number(value, digits = 0) {
  return value.toLocaleString('en', {maximumFractionDigits: digits});
}

export function percent(part, whole) {
  return whole ? `${number((100 * part) / whole, part && part / whole < 0.01 ? 2 : 1)} %` : '–';
}

export function dollars(value) {
  return value.toLocaleString('en', {style: 'currency', currency: 'USD'});
}

export function duration(seconds) {
  if (seconds < 120) {
    return `${Math.round(seconds)} s`;
  }
  if (seconds < 7200) {
    return `${Math.round(seconds / 60)} min`;
  }
  return seconds < 172800 ? `${number(seconds / 3600, 1)} h` : `${number(seconds / 86400, 1)} d`;
}

/** 1 service, 2 services */
export function count(of, noun) {
  return `${number(of)} ${noun}${of === 1 ? '' : 's'}`;
}

/** CHECKS_FAILED as checks failed. */
export function words(name) {
  return name.toLowerCase().replaceAll('_', ' ');
}

/** How the operations of rollouts that were cancelled or rolled back have failed. */
const ENDINGS = {cancelled: 'CANCELLED', 'deployment-stopped': 'CANCELLED', 'rolled-back': 'ROLLED_BACK'};

/** How an operation stands. That of a rollout which somebody has cancelled has not done its work, but nothing has failed. */
export function outcome(operation) {
  return ENDINGS[operation.failure?.code] ?? operation.state;
}

/** With each digest as long as one compares it. */
export function short(text) {
  return text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…');
}

const LONG = 160;
const AROUND = 20;

/** Two texts; of long ones the part that differs, with a little of what is around it. */
export function differing(before, after) {
  const texts = [before, after].map((value) => (value === undefined || value === null ? value : String(value)));
  const [one, other] = texts.map((value) => value ?? '');
  if (one.length <= LONG && other.length <= LONG) {
    return texts;
  }
  const least = Math.min(one.length, other.length);
  let start = 0;
  while (start < least && one[start] === other[start]) {
    start++;
  }
  let end = 0;
  while (end < least - start && one.at(-1 - end) === other.at(-1 - end)) {
    end++;
  }
  const from = Math.max(0, start - AROUND);
  return texts.map((value) => {
    const part = value?.slice(from, Math.max(0, value.length - end) + AROUND);
    return part && `${from ? '… ' : ''}${part.slice(0, LONG)}${part.length > LONG || from + part.length < value.length ? ' …' : ''}`;
  });
}

/** An image without the registry it is in. */
export function image(name) {
  return short(name.replace(/^.*\//, ''));
}
