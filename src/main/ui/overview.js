/** All environments and services at a glance. */
import {useState} from 'preact/hooks';
import {getAll, useDocument} from './api.js';
import {New} from './beginning.js';
import {Loaded, Section, State, Table, Time, Title, Traffic, html, readable, waiting} from './elements.js';
import {link, words} from './format.js';

/** The services are looked at every five minutes; what is under way is known at once. */
const EVERY_SECONDS = 15;
/** Four calls a minute for the states of all environments, however many there are. */
const environmentSeconds = (environments) => Math.max(60, 15 * environments);
const STATES = ['DOWN', 'DEGRADED', 'UNKNOWN', 'CHANGING', 'STOPPED', 'HEALTHY'];

export function Overview() {
  const environments = useDocument('/v1/environments', EVERY_SECONDS, getAll);
  const services = useDocument('/v1/services?limit=100', EVERY_SECONDS, getAll);
  const [sought, setSought] = useState('');
  const [state, setState] = useState('');
  const all = services.value?.items ?? [];
  const shown = all.filter((service) => (!state || service.state === state)
    && (`${service.environment}/${service.service}`.includes(sought.trim().toLowerCase())));
  const approvals = all.filter((service) => service.underWay?.approval);
  return html`
    <${Title}>Environments and services<//>
    ${approvals.length ? html`
      <${Section} title="Waits for somebody to approve">
        <ul class="waiting">${approvals.map((service) => html`
          <li><${State} of="APPROVAL">approval<//> <a href=${link(service.underWay.self)}>${service.environment}/${service.service}</a>:
            ${' '}${waiting(service.underWay.waitsFor)}</li>`)}</ul>
      <//>` : null}
    <form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label>Find <input type="search" value=${sought} placeholder="prod/web" onInput=${(event) => setSought(event.target.value)} /></label>
      <label>State <select value=${state} onChange=${(event) => setState(event.target.value)}>
        <option value="">all ${all.length}</option>
        ${STATES.map((name) => html`<option value=${name}>${words(name)} (${all.filter((service) => service.state === name).length})</option>`)}
      </select></label>
      <span role="status" class="count">${services.value ? `${shown.length} of ${all.length} ${all.length === 1 ? 'service' : 'services'}` : ''}</span>
    </form>
    <p class="counts">${STATES.map((name) => [name, all.filter((service) => service.state === name).length]).filter(([, count]) => count)
      .map(([name, count]) => html`<${State} of=${name}>${count} ${words(name)}<//> `)}</p>
    <${Loaded} of=${services}>${() => null}<//>
    <${Loaded} of=${environments}>${(list) => list.items.length
      ? list.items.map((environment) => html`
        <${EnvironmentGroup} key=${environment.name} environment=${environment} seconds=${environmentSeconds(list.items.length)} filtered=${Boolean(sought || state)}
          known=${services.value !== null} services=${shown.filter((service) => service.environment === environment.name)} />`)
      : html`<p>There is no environment yet: a network with a load balancer, in which services run. It is planned first, and made when you apply the plan;
        <code>slipway init</code> and <code>slipway apply</code> do the same.</p>`}<//>
    ${environments.value && services.value ? html`<${New} what="environment" path="/v1/environments" />` : null}`;
}

function EnvironmentGroup({environment, seconds, services, known, filtered}) {
  // After the services: what matters first comes first.
  const status = useDocument(known ? `${environment.self}/status` : null, seconds);
  if (filtered && !services.length) {
    return null;
  }
  const title = html`<a href=${link(environment.self)}>${environment.name}</a>
    ${status.value ? html` <${State} of=${status.value.state} />` : null}`;
  return html`
    <${Section} title=${title}>
      ${environment.underWay ? html`<p><${State} of="CHANGING"><a href=${link(environment.underWay.self)}>${words(environment.underWay.type)} under way</a><//></p>` : null}
      ${status.value?.reasons?.[0] ? html`<p>${readable(status.value.reasons[0].message)}</p>` : null}
      ${known ? html`<div class="fleet"><${Table} label="Services of ${environment.name}" empty="No service yet."
        columns=${['Service', 'State', 'Since', 'Release', 'Under way', 'Why']} rows=${services.map((service) => ({key: service.self, cells: [
          html`<a href=${link(service.self)}>${service.service}</a>`,
          html`<${State} of=${service.state} />`,
          html`<${Time} at=${service.since} />`,
          service.release,
          service.underWay ? html`<${UnderWay} of=${service.underWay} live=${service.release} />` : null,
          service.reason ? readable(service.reason) : null,
        ]}))} /></div>` : html`<p class="asking" role="status">Asking …</p>`}
    <//>`;
}

function UnderWay({of, live}) {
  return html`
    <a href=${link(of.self)}>${words(of.type)}${of.release ? ` of release ${of.release}` : ''}${of.tag ? ` (${of.tag})` : ''}</a>
    ${of.percent !== undefined && of.percent < 100 && live ? html`<${Traffic} shares=${[
      {name: 'new', percent: of.percent, candidate: true}, {name: `release ${live}`, percent: 100 - of.percent}]} />` : null}
    ${of.waitsFor ? html`<p class="waits">${of.approval ? html`<${State} of="APPROVAL">approval<//> ` : null}${waiting(of.waitsFor)}</p>` : null}`;
}
