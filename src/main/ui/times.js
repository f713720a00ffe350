/** Times, of which all are shown in one time zone: the reader's, or UTC where that was chosen. */

const OWN = Intl.DateTimeFormat().resolvedOptions().timeZone;
const KEPT = 'slipway-time-zone';
const UTC = 'UTC';

/** Time zones to choose from: [name, label]; one where the reader's is UTC. */
export const zones = OWN === UTC || OWN === 'Etc/UTC' ? [[UTC, UTC]] : [[OWN, `${OWN} (${offset(new Date())})`], [UTC, UTC]];

let zone = zones[0][0];
try {
  zone = window.localStorage.getItem(KEPT) === UTC ? UTC : zone;
} catch {
  // a browser that keeps nothing
}

export function timeZone() {
  return zone;
}

/** Whoever shows times is to show them anew. */
export function setTimeZone(name) {
  zone = name;
  try {
    window.localStorage.setItem(KEPT, name);
  } catch {
    // chosen for this time only
  }
}

/** UTC+2, as it is in the reader's time zone then. */
function offset(date) {
  return new Intl.DateTimeFormat('en', {timeZone: OWN, timeZoneName: 'shortOffset'}).formatToParts(date)
    .find(({type}) => type === 'timeZoneName').value.replace('GMT', UTC);
}

/** 2026-03-01 12:00:05 */
export function dateTime(instant, of = zone) {
  return new Date(instant).toLocaleString('sv', {timeZone: of});
}

export function time(instant) {
  return new Date(instant).toLocaleTimeString('sv', {timeZone: zone});
}

/** The same time in each zone to choose from, with the offset from UTC that holds then. */
export function everywhere(instant) {
  return zones.map(([name]) => `${dateTime(instant, name)} ${name === UTC ? UTC : offset(new Date(instant))}`).join(', ');
}
