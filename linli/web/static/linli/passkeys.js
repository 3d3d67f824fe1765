// Passkeys: the browser's own answer is put into the page's form. Without scripts the form stays hidden and a code is asked for.
"use strict";

(function () {
  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function text(buffer) {
    const plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function listed(credentials) {
    return (credentials || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); });
  }

  function asked(options, kind) {
    const made = Object.assign({}, options, { challenge: bytes(options.challenge) });
    if (kind === "create") {
      made.user = Object.assign({}, options.user, { id: bytes(options.user.id) });
      made.excludeCredentials = listed(options.excludeCredentials);
    } else {
      made.allowCredentials = listed(options.allowCredentials);
    }
    return { publicKey: made };
  }

  function answered(credential) {
    const response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    });
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response });
  }

  function prepare(form) {
    if (!window.PublicKeyCredential) return;
    const kind = form.dataset.passkey;
    const trouble = form.querySelector("[data-trouble]");
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      const field = form.querySelector("input[name=credential]");
      if (field.value) return;
      event.preventDefault();
      trouble.textContent = "";
      navigator.credentials[kind](asked(JSON.parse(form.dataset.options), kind)).then(function (credential) {
        field.value = answered(credential);
        form.submit();
      }).catch(function () { trouble.textContent = trouble.dataset.trouble; });
    });
  }

  document.querySelectorAll("[data-passkey]").forEach(prepare);
})();
