/** The page: which part of it the address asks for, and what stands around all parts. */
import {h, render} from 'preact';
import {useErrorBoundary, useEffect, useRef, useState} from 'preact/hooks';
import {ErrorBox, Title, Warnings, html} from './elements.js';
import {EnvironmentComparison, ServiceComparison} from './compare.js';
import {Environment} from './environment.js';
import {Missing, NAME, wrongName} from './missing.js';
import {Overview} from './overview.js';
import {Pipeline, Pipelines} from './pipeline.js';
import {Operation, Plan} from './plan.js';
import {Planning} from './planning.js';
import {Rollout} from './rollout.js';
import {Service} from './service.js';
import {setTimeZone, timeZone, zones} from './times.js';

const SERVICE = `/environments/${NAME}/services/${NAME}`;
const TARGET = `(?:${SERVICE}|/environments/${NAME}|/pipelines/${NAME})`;
/** Addresses are the API's paths without their version. */
const ROUTES = [
  ['/?', Overview],
  [`/environments/${NAME}`, Environment],
  [SERVICE, Service],
  [`${SERVICE}/rollouts/${NAME}`, Rollout],
  [`${TARGET}/plans`, Planning],
  [`${TARGET}/plans/${NAME}`, Plan],
  [`${TARGET}/operations/${NAME}`, Operation],
  [`/diff/${NAME}/${NAME}`, EnvironmentComparison],
  [`/diff/${NAME}/${NAME}/services/${NAME}`, ServiceComparison],
  ['/pipelines', Pipelines],
  [`/pipelines/${NAME}`, Pipeline],
].map(([pattern, page]) => [new RegExp(`^${pattern}$`), page]);

function place() {
  const [path, query] = location.hash.slice(1).split('?');
  const find = (of) => ROUTES.find(([pattern]) => pattern.test(of))?.[1] ?? null;
  // A name that is none is not asked about: some, such as "..", would make it another path.
  const wrong = find(path) ? null : wrongName(path);
  return {path, page: find(path), wrong: wrong && find(path.replace(/[^/]+/g, (part) => (wrongName(`/${part}`) ? 'x' : part))) ? wrong : null, tab: new URLSearchParams(query ?? '').get('tab')};
}

function App() {
  const [at, setAt] = useState(place);
  const main = useRef(null);
  const first = useRef(true);
  const [, setZone] = useState(timeZone);
  const [failure, forget] = useErrorBoundary((error) => console.error(error));
  useEffect(() => {
    const moved = () => (forget(), setAt(place()));
    window.addEventListener('hashchange', moved);
    return () => window.removeEventListener('hashchange', moved);
  }, []);
  useEffect(() => {
    const heading = main.current.querySelector('h1');
    if (!first.current) {
      heading?.focus(); // so that a screen reader says where it is, and the next key goes on from there
      window.scrollTo(0, 0);
    }
    first.current = false;
  }, [at.path]);
  return html`
    <a class="skip" href="#main" onClick=${(event) => (event.preventDefault(), main.current.focus())}>Skip to the content</a>
    <header>
      <a class="name" href="#/">Slipway</a>
      <nav aria-label="Pages"><a href="#/" aria-current=${at.page === Overview ? 'page' : undefined}>Services</a>
        <a href="#/pipelines" aria-current=${at.page === Pipelines ? 'page' : undefined}>Pipelines</a></nav>
      <${Zones} chosen=${(name) => (setTimeZone(name), setZone(name))} />
    </header>
    <main id="main" ref=${main} tabindex="-1">
      ${at.path.length > 1 ? html`<${Trail} path=${at.path} />` : null}
      <${Warnings} path="/v1${at.path}" />
      ${failure ? html`<${ErrorBox} error=${{problem: {title: 'The page has failed', detail: String(failure), action: 'Load it anew; the command line shows the same.'}}} />`
        : at.page ? h(at.page, {path: `/v1${at.path}`, tab: at.tab, key: at.path})
        : at.wrong ? html`<${Missing} key=${at.path} path=${at.path} why=${at.wrong} />`
        : html`<${Title}>There is no such page<//><p><a href="#/">All environments and services</a></p>`}
    </main>`;
}

/** In which time zone all times stand, and which else there is. */
function Zones({chosen}) {
  return html`<div class="zone">${zones.length > 1
    ? html`<label>Times in <select value=${timeZone()} onChange=${(event) => chosen(event.target.value)}>${zones.map(([name, label]) => html`
        <option value=${name}>${label}</option>`)}</select></label>` : `Times in ${zones[0][1]}`}</div>`;
}

/** Where one is: prod / web / rollout. */
function Trail({path}) {
  const parts = path.split('/').slice(1);
  const steps = [];
  const compared = parts[0] === 'diff' ? 1 : 0; // two names are one step
  for (let end = 2 + compared; end < parts.length; end += 2) {
    const to = parts.slice(0, end);
    steps.push([`#/${to.join('/')}`, to.slice(-1 - compared).join(' → ')]);
  }
  const root = parts[0] === 'pipelines' ? ['#/pipelines', 'Pipelines'] : ['#/', 'Services'];
  return html`<nav class="trail" aria-label="Where this is"><ol>${[root, ...steps].map(([to, name]) => html`<li><a href=${to}>${name}</a></li>`)}</ol></nav>`;
}

render(h(App), document.getElementById('app'));
