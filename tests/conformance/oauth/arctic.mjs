// The shape of Documenso: version 1 of the CSC API with arctic as its OAuth client (contract, sequence A).
import * as arctic from "arctic";
import { ask, call, end, refused, setup, visit } from "./talk.mjs";

const { clientId, secret, redirect } = setup;
const info = (await call("v1", "info", { lang: "id" })).body;
const tokenEndpoint = `${info.oauth2}/oauth2/token`;
const client = new arctic.OAuth2Client(clientId, secret, redirect);

async function tokens(scope, more) {
  const state = arctic.generateState();
  const verifier = arctic.generateCodeVerifier();
  const endpoint = `${info.oauth2}/oauth2/authorize`;
  const s256 = arctic.CodeChallengeMethod.S256;
  const url = client.createAuthorizationURLWithPKCE(endpoint, state, s256, verifier, [scope]);
  for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
  const back = await visit(url);
  if (back.searchParams.get("state") !== state) throw new Error("another state came back");
  return client.validateAuthorizationCode(tokenEndpoint, back.searchParams.get("code"), verifier);
}

const service = await tokens("service", {});
const bearer = service.accessToken();
const credentialID = (await call("v1", "credentials/list", {}, bearer)).body.credentialIDs[0];
const asked = { credentialID, certificates: "chain", certInfo: true };
const credential = (await call("v1", "credentials/info", asked, bearer)).body;
const { digest } = await ask({ prepare: credential.cert.certificates });
const hash = Buffer.from(digest, "base64").toString("base64url");
const granted = await tokens("credential", { credentialID, numSignatures: "1", hash });
const toSign = {
  credentialID,
  SAD: granted.accessToken(),
  hash: [digest],
  hashAlgo: "2.16.840.1.101.3.4.2.1",
  signAlgo: credential.key.algo[0],
};
const signed = await call("v1", "signatures/signHash", toSign, bearer);
const again = await call("v1", "signatures/signHash", toSign, bearer);

const refreshed = await client.refreshAccessToken(tokenEndpoint, service.refreshToken(), []);
const wrongCode = await refused(() => client.validateAuthorizationCode(tokenEndpoint, "wrong", "x".repeat(43)));
const stranger = new arctic.OAuth2Client(clientId, "wrong", redirect);
const wrongSecret = await refused(() => stranger.refreshAccessToken(tokenEndpoint, "x", []));
await client.revokeToken(`${info.oauth2}/revoke`, refreshed.accessToken());
const after = await call("v1", "credentials/list", {}, refreshed.accessToken());

end({
  tokenTypes: [service.tokenType(), granted.tokenType()],
  seconds: granted.accessTokenExpiresInSeconds(),
  signed,
  again,
  refreshed: refreshed.accessToken() !== bearer && refreshed.refreshToken() !== service.refreshToken(),
  errors: [wrongCode, wrongSecret].map((error) => [error instanceof arctic.OAuth2RequestError, error.code]),
  after: [after.status, after.body.error],
});
