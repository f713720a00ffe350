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

/** 2026-03-01 12:00:05, in the reader's time zone. */
export function dateTime(instant) {
  return new Date(instant).toLocaleString('sv', {hour12: false});
}

export function time(instant) {
  return new Date(instant).toLocaleTimeString('sv', {hour12: false});
}

/** CHECKS_FAILED as checks failed. */
export function words(name) {
  return name.toLowerCase().replaceAll('_', ' ');
}

/** A sentence of the API, with its instants in the reader's time zone, and digests as far as people compare them. */
export function readable(sentence) {
  return short(sentence.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (instant) => dateTime(instant)));
}

/** What is to be done, without the call that the page has a button for. */
export function waiting(sentence) {
  return readable(sentence.replace(/: POST \/v1\/\S*[^\s.](?: or \/reject with .*})?/, ''));
}

/** With each digest as long as one compares it. */
export function short(text) {
  return text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…');
}

/** An image without the registry it is in. */
export function image(name) {
  return short(name.replace(/^.*\//, ''));
}
