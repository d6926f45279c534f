// openid-client: discovery as OAuth, the whole code flow, pushed requests, refresh, revocation.
import * as openid from "openid-client";
import { ask, call, end, refused, setup, visit } from "./talk.mjs";

const { issuer, clientId, secret, redirect } = setup;
const how = { algorithm: "oauth2", execute: [openid.allowInsecureRequests] }; // the test's service is on loopback
const config = await openid.discovery(new URL(issuer), clientId, secret, undefined, how);

async function tokens(parameters, { pushed }) {
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const all = {
    redirect_uri: redirect,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...parameters,
  };
  const url = pushed
    ? await openid.buildAuthorizationUrlWithPAR(config, all)
    : openid.buildAuthorizationUrl(config, all);
  const back = await visit(url);
  return openid.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state });
}

const service = await tokens({ scope: "service" }, { pushed: false });
const ids = (await call("v2", "credentials/list", {}, service.access_token)).body.credentialIDs;
const named = { credentialID: ids[0], certificates: "chain" };
const credential = (await call("v2", "credentials/info", named, service.access_token)).body;
const { digest } = await ask({ prepare: credential.cert.certificates });
const hashAlgorithmOID = "2.16.840.1.101.3.4.2.1";
const hashes = Buffer.from(digest, "base64").toString("base64url");
const asked = { scope: "credential", credentialID: ids[0], numSignatures: "1", hashes, hashAlgorithmOID };
const granted = await tokens(asked, { pushed: true });
const toSign = { credentialID: ids[0], hashes: [digest], hashAlgorithmOID, signAlgo: credential.key.algo[0] };
const signed = await call("v2", "signatures/signHash", toSign, granted.access_token);

const next = await openid.refreshTokenGrant(config, service.refresh_token);
const own = await openid.clientCredentialsGrant(config, { scope: "service" });
await openid.tokenRevocation(config, next.access_token);
const after = await call("v2", "credentials/list", {}, next.access_token);
const wrong = await refused(() => openid.refreshTokenGrant(config, "wrong"));

end({
  issuer: config.serverMetadata().issuer,
  types: [service.token_type, granted.token_type, own.token_type],
  signed,
  after: after.status,
  error: [wrong instanceof openid.ResponseBodyError, wrong.error],
});
