/** What stands where an address names what is not there, or cannot be. */
import {useEffect, useRef} from 'preact/hooks';
import {useDocument} from './api.js';
import {Title, html} from './elements.js';
import {link} from './format.js';

/** Names as all kinds of targets have them; what exactly each kind allows, the API says. */
export const NAME = '[a-z0-9-]+';
const NAMED = new RegExp(`^${NAME}$`);

/** The first part of a path that is no name, told in words; null where all are. */
export function wrongName(path) {
  const wrong = path.split('/').slice(1).find((part) => part && !NAMED.test(part));
  return wrong === undefined ? null : noName(decoded(wrong));
}

/** Why a text that was typed is no name, in words; null where it may be one. */
export function wrongText(text) {
  return NAMED.test(text) ? null : noName(text);
}

function noName(text) {
  return `“${text}” is no name here: names have lower-case letters, digits and hyphens.`;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** /environments/prod/services/web as "service web in prod". */
function described(path) {
  const parts = path.replace(/^\/v1/, '').split('/').slice(1);
  const [kind, name] = parts.slice(-2);
  const names = parts.slice(0, -2).filter((_, index) => index % 2).map(decoded);
  return `${kind.replace(/s$/, '')} ${decoded(name)}${names.length > 1 ? ` of ${names.join('/')}` : names.length ? ` in ${names[0]}` : ''}`;
}

/**
 * @param {string} path of what is not there
 * @param {string} why in words, where there is more to say
 */
export function Missing({path, why}) {
  const place = useRef(null);
  useEffect(() => {
    if (document.activeElement === document.body) {
      place.current.querySelector('h1').focus(); // what had the focus is gone
    }
  }, []);
  const what = `There is no ${described(path)}`;
  return html`
    <div ref=${place}>
      <${Title}>${what}<//>
      ${why && why !== `${what}.` ? html`<p>${why}</p>` : null}
      <${WaysOn} path=${path.replace(/^\/v1/, '').split('/').slice(0, -2).join('/')}
        plan=${why === `${what}.` && /\/(services|environments)\/[^/]+$/.test(path) ? `${link(path)}/plans` : null} />
    </div>`;
}

/** What there is instead, beside it or above. */
function WaysOn({path, plan}) {
  const kind = path.split('/').at(-2);
  const known = path.split('/').slice(1).every((part) => NAMED.test(part));
  const around = useDocument(kind === 'environments' && known ? `/v1${path}` : path === '' ? '/v1/environments' : null);
  const beside = around.value?.services?.map((name) => [`#${path}/services/${name}`, name])
    ?? around.value?.items?.map((environment) => [`#/environments/${environment.name}`, environment.name]) ?? [];
  return html`
    ${around.error?.missing ? html`<p>There is no ${described(path)} either.</p>` : null}
    ${beside.length ? html`<p>There ${beside.length === 1 ? 'is' : 'are'} ${beside.map(([to, name], index) => html`${index ? ', ' : ''}<a href=${to}>${name}</a>`)}.</p>` : null}
    <ul class="plain">
      ${known && path && !around.error ? html`<li><a href=${link(path)}>${path.split('/').filter((_, index) => index && index % 2 === 0).join('/')}</a></li>` : null}
      ${plan && around.value ? html`<li><a href=${plan}>Plan it …</a></li>` : null}
      <li><a href="#/">All environments and services</a></li>
      <li><a href="#/pipelines">All pipelines</a></li>
    </ul>`;
}
