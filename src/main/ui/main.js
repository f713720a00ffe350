/** The page: which part of it the address asks for, and what stands around all parts. */
import {h, render} from 'preact';
import {useErrorBoundary, useEffect, useRef, useState} from 'preact/hooks';
import {ErrorBox, html} from './elements.js';
import {EnvironmentComparison, ServiceComparison} from './compare.js';
import {Environment} from './environment.js';
import {Overview} from './overview.js';
import {Pipeline, Pipelines} from './pipeline.js';
import {Operation, Plan} from './plan.js';
import {Rollout} from './rollout.js';
import {Service} from './service.js';

const NAME = '[a-z0-9-]+';
const SERVICE = `/environments/${NAME}/services/${NAME}`;
const TARGET = `(?:${SERVICE}|/environments/${NAME}|/pipelines/${NAME})`;
/** Addresses are the API's paths without their version. */
const ROUTES = [
  ['/?', Overview],
  [`/environments/${NAME}`, Environment],
  [SERVICE, Service],
  [`${SERVICE}/rollouts/${NAME}`, Rollout],
  [`${TARGET}/plans/${NAME}`, Plan],
  [`${TARGET}/operations/${NAME}`, Operation],
  [`/diff/${NAME}/${NAME}`, EnvironmentComparison],
  [`/diff/${NAME}/${NAME}/services/${NAME}`, ServiceComparison],
  ['/pipelines', Pipelines],
  [`/pipelines/${NAME}`, Pipeline],
].map(([pattern, page]) => [new RegExp(`^${pattern}$`), page]);

function place() {
  const [path, query] = location.hash.slice(1).split('?');
  const [, page] = ROUTES.find(([pattern]) => pattern.test(path)) ?? [null, null];
  return {path, page, tab: new URLSearchParams(query ?? '').get('tab')};
}

function App() {
  const [at, setAt] = useState(place);
  const main = useRef(null);
  const first = useRef(true);
  const [failure] = useErrorBoundary((error) => console.error(error));
  useEffect(() => {
    const moved = () => setAt(place());
    window.addEventListener('hashchange', moved);
    return () => window.removeEventListener('hashchange', moved);
  }, []);
  useEffect(() => {
    const heading = main.current.querySelector('h1');
    document.title = at.path.length > 1 ? `${heading?.textContent} – Slipway` : 'Slipway';
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
    </header>
    <main id="main" ref=${main} tabindex="-1">
      ${at.path.length > 1 ? html`<${Trail} path=${at.path} />` : null}
      ${failure ? html`<${ErrorBox} error=${{problem: {title: 'The page has failed', detail: String(failure), action: 'Load it anew; the command line shows the same.'}}} />`
        : at.page ? h(at.page, {path: `/v1${at.path}`, tab: at.tab, key: at.path})
        : html`<h1 tabindex="-1">There is no such page</h1><p><a href="#/">All environments and services</a></p>`}
    </main>`;
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
