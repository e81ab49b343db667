// Starts the page.

import { mount } from "svelte";

import App from "./app/App.svelte";
import { Client } from "./lib/api/client.ts";
import { pickHost } from "./lib/host/pick.ts";
import "./styles/tokens.css";
import "./styles/base.css";

// The web host's token came with the address and is a cookie by now; it need not stay in sight.
const address = new URL(location.href);
if (address.searchParams.has("token")) {
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}

const target = document.getElementById("app");
if (target) mount(App, { target, props: { client: new Client(await pickHost()) } });
