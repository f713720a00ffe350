/** An environment: how it stands, what it costs, what was done and decided. */
import {Firewall, Grants} from './access.js';
import {useDocument} from './api.js';
import {New} from './beginning.js';
import {CompareWith} from './compare.js';
import {Drift} from './drift.js';
import {Cost, Delivery, Ledger, Operations, Plans} from './histories.js';
import {Facts, Loaded, Reasons, State, Table, Time, Title, html, readable} from './elements.js';
import {link, outcome, words} from './format.js';
import {Missing} from './missing.js';
import {Tabs} from './tabs.js';

export function Environment({path, tab}) {
  const environment = useDocument(path, 30);
  const status = useDocument(`${path}/status`, 30);
  const tabs = [
    ['services', 'Services', () => html`<${Services} path=${path} />`],
    ['plans', 'Plans', () => html`<${Plans} path=${path} />`],
    ['operations', 'Operations', () => html`<${Operations} path=${path} />`],
    ['ledger', 'Ledger', () => html`<${Ledger} path=${path} />`],
    ['delivery', 'Delivery', () => html`<${Delivery} path=${path} />`],
    ['drift', 'Drift', () => html`<${Drift} path=${path} />`],
    ['compare', 'Compare', () => html`<${CompareWith} path=${path} />`],
    ['grants', 'Who may deploy', () => html`<${Grants} path=${path} />`],
    ['firewall', 'Firewall', () => html`<${Firewall} path=${path} />`],
    ['cost', 'Cost', () => html`<${Cost} path=${path} />`],
  ];
  if (environment.error?.missing) {
    return html`<${Missing} path=${path} why=${environment.error.problem.detail} />`;
  }
  return html`
    <${Title}>${path.split('/').at(-1)}<//>
    <${Loaded} of=${status}>${(now) => html`
      <p class="standing"><${State} of=${now.state} /> <span class="quiet">as of <${Time} at=${now.checkedAt} /></span></p>
      ${now.reasons ? html`<${Reasons} of=${now.reasons} />` : null}
      ${now.alarms ? html`<p>${readable(now.alarms.summary)}</p>` : null}`}<//>
    <${Loaded} of=${environment}>${(found) => html`
      <${Facts} of=${[
        ['Address', found.address],
        ['Under way', found.operation ? html`<a href=${link(found.operation.self)}>${words(found.operation.type)}, in phase ${found.operation.phase}</a>` : null],
        ['Last', found.last ? html`<a href=${link(found.last.self)}>${words(found.last.type)}</a> ${' '}<${State} of=${outcome(found.last)} /> ${found.last.failure ? readable(found.last.failure.detail) : null}` : null],
        ['Ends', readable(found.expiry)],
      ]} />`}<//>
    <${Tabs} tabs=${tabs} selected=${tab} />`;
}

function Services({path}) {
  const services = useDocument(`${path}/services?limit=100`, 30);
  return html`<${Loaded} of=${services}>${(list) => html`
    <${Table} label="Services" columns=${['Service', 'Release', 'Changed']} empty="No service yet." rows=${list.items.map((service) => ({
      key: service.self,
      cells: [html`<a href=${link(service.self)}>${service.name}</a>`, service.release, html`<${Time} at=${service.updatedAt} />`],
    }))} />`}<//>
    <${New} what="service" path="${path}/services" />`;
}
