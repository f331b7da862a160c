# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# OpenSSL's own client and server: bytes that nobody in between may change, or the other end says so.
peer OpenSSL
needs openssl openssl

seen() {
    openssl version
}

make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=here \
        -addext subjectAltName=DNS:here -keyout key.pem -out certificate.pem 2>openssl.err
}

serve_tls() {
    start tls openssl s_server -accept 127.0.0.1:0 -cert certificate.pem -key key.pem "$@"
    said tls '^ACCEPT '
    where=${line#ACCEPT }
}

# ask PATH WHERE: over TLS, with the certificate looked at
ask() {
    printf 'GET /%s HTTP/1.0\r\n\r\n' "$1" |
        openssl s_client -quiet -ign_eof -connect "$2" -servername here -verify_return_error -CAfile certificate.pem \
            2>client.err
}

quick tls both 'a large file over TLS from its server to its client, through a relay'
tls() {
    make_certificate
    ln -s "$payload" payload
    serve_tls -HTTP
    serve relay sennit relay --verbose 127.0.0.1:0 "$where"
    ask payload "$where" >back
    same "$payload" back
}

quick tls_there both 'a file over TLS from its client to its server, through a relay'
tls_there() {
    make_certificate
    # Some letters are commands to it, but none of these.
    head -c 4000000 "$payload" | od -An -v -tx1 | tr -d ' ' >there
    # Its input stays open: with the end of that it would end.
    mkfifo input
    exec 5<>input
    on_free_port tls quiet_tls_on_port
    serve relay sennit relay --verbose 127.0.0.1:0 "$where"
    openssl s_client -quiet -no_ign_eof -connect "$where" -servername here -verify_return_error \
        -CAfile certificate.pem <there 2>client.err
    until [ "$(wc -c <tls.out)" -ge "$(wc -c <there)" ]; do is_alive tls || wrong 'the server has ended'; done
    exec 5>&-
    same there tls.out
}

# Without a word that is not the client's.
quiet_tls_on_port() {
    start_with input tls openssl s_server -quiet -accept "127.0.0.1:$port" -cert certificate.pem -key key.pem
}

quick tls_client client 'a TLS client to a Sennit server that has a TLS server behind each connection'
tls_client() {
    make_certificate
    serve_tls -www
    behind=$where
    serve server sennit listen --verbose --exec "sennit connect $behind" 127.0.0.1:0
    for _ in 1 2 3; do
        ask '' "$where" >answer
        holds answer 'HTTP/1.0 200 ok'
        holds answer 'TLSv1.3'
    done
}
