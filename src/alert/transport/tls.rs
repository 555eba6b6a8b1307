//! TLS under a connection: RFC 5425 for syslog, and HTTPS. The receiver's certificate is always checked, against the authorities of a
//! file or of the system, and for the name that was configured.

use std::path::{Path, PathBuf};

#[cfg(not(feature = "tls"))]
pub(in crate::alert) use without::{HAS_TLS, Secured, check, secure};

#[cfg(feature = "tls")]
pub(in crate::alert) use with::{HAS_TLS, Secured, check, secure};

/// Whom to trust, and what to show.
#[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "without TLS nothing is shown"))]
#[derive(Clone, Debug)]
pub(in crate::alert) struct Trust {
    /// Authorities; those of the system when there is none.
    pub(in crate::alert) ca_file: Option<PathBuf>,
    /// Certificate to show, with its chain.
    pub(in crate::alert) cert_file: Option<PathBuf>,
    /// The key of that certificate.
    pub(in crate::alert) key_file: Option<PathBuf>,
    /// The name or address that the receiver's certificate must have.
    pub(in crate::alert) server_name: String,
}

impl Trust {
    /// The file with the authorities to trust.
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "only TLS asks for it"))]
    fn authorities(&self) -> Option<&Path> {
        let system = || SYSTEM_CA_FILES.iter().map(Path::new).find(|path| path.is_file());
        self.ca_file.as_deref().or_else(system)
    }
}

/// Where systems keep the authorities that they trust: Debian, Red Hat, SUSE, Alpine.
const SYSTEM_CA_FILES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

#[cfg(feature = "tls")]
mod with {
    use std::io::{self, Read, Write};
    use std::net::TcpStream;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
    use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

    use super::Trust;
    use crate::alert::secret;
    use crate::alert::transport::TransportError;
    use crate::model::limits::CA_FILE_BYTES_MAX;

    /// Whether this build has TLS.
    pub(in crate::alert) const HAS_TLS: bool = true;

    /// A connection under TLS.
    pub(in crate::alert) struct Secured(StreamOwned<ClientConnection, TcpStream>);

    impl Secured {
        pub(in crate::alert) fn tcp(&self) -> &TcpStream {
            &self.0.sock
        }

        /// Tells the other side that nothing more comes.
        pub(in crate::alert) fn say_goodbye(&mut self) -> io::Result<()> {
            self.0.conn.send_close_notify();
            self.0.flush()
        }
    }

    impl Read for Secured {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }

    impl Write for Secured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    /// Puts TLS on a connection: the other side has shown who it is when this is done.
    pub(in crate::alert) fn secure(
        mut tcp: TcpStream,
        trust: &Trust,
        to: &str,
    ) -> Result<Secured, TransportError> {
        let failed =
            |source| TransportError::Io { doing: "set up TLS with", to: to.to_owned(), source };
        let (config, name) =
            set_up(trust).map_err(|(key, cause)| TransportError::Trust { key, cause })?;
        let mut session =
            ClientConnection::new(config, name).map_err(|error| failed(io::Error::other(error)))?;
        let most = tcp.read_timeout().ok().flatten().unwrap_or(HANDSHAKE_MAX);
        let deadline = Instant::now().checked_add(most);
        while session.is_handshaking() {
            session.complete_io(&mut tcp).map_err(failed)?;
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return Err(failed(io::ErrorKind::TimedOut.into()));
            }
        }
        Ok(Secured(StreamOwned::new(session, tcp)))
    }

    /// Whether the files can be used; else the key that is wrong and why.
    pub(in crate::alert) fn check(trust: &Trust) -> Result<(), (&'static str, String)> {
        set_up(trust).map(drop)
    }

    type SetUp = (Arc<ClientConfig>, ServerName<'static>);

    fn set_up(trust: &Trust) -> Result<SetUp, (&'static str, String)> {
        let name = ServerName::try_from(trust.server_name.clone()).map_err(|_| {
            let cause = format!("{} is no name that a certificate can have", trust.server_name);
            ("server_name", cause)
        })?;
        let path = trust.authorities().ok_or_else(|| {
            let cause =
                "this system has no list of trusted authorities: name the certificate of yours";
            ("ca_file", cause.to_owned())
        })?;
        let bytes = read("ca_file", path, CA_FILE_BYTES_MAX)?;
        let mut roots = RootCertStore::empty();
        let found = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok);
        let (taken, refused) = roots.add_parsable_certificates(found);
        if taken == 0 {
            let cause = format!(
                "{} holds no certificate of an authority in PEM ({refused} cannot be read)",
                path.display()
            );
            return Err(("ca_file", cause));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ("to", error.to_string()))?
            .with_root_certificates(roots);
        let config = match (&trust.cert_file, &trust.key_file) {
            (Some(certificate), Some(key)) => {
                let bytes = read("cert_file", certificate, CA_FILE_BYTES_MAX)?;
                let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
                let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(|| {
                    ("cert_file", format!("{} holds no certificate in PEM", certificate.display()))
                })?;
                let wrong =
                    || ("key_file", format!("{} holds no private key in PEM", key.display()));
                let bytes =
                    secret::read(key).map_err(|error| unreadable("key_file", key, &error))?;
                let key_bytes = PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| wrong())?;
                builder.with_client_auth_cert(chain, key_bytes).map_err(|error| {
                    ("key_file", format!("{} does not go with cert_file: {error}", key.display()))
                })?
            }
            _ => builder.with_no_client_auth(),
        };
        Ok((Arc::new(config), name))
    }

    fn read(
        key: &'static str,
        path: &Path,
        bytes_max: u64,
    ) -> Result<Vec<u8>, (&'static str, String)> {
        secret::read_at_most(path, bytes_max).map_err(|error| unreadable(key, path, &error))
    }

    fn unreadable(key: &'static str, path: &Path, error: &io::Error) -> (&'static str, String) {
        (key, format!("cannot read {}: {error}", path.display()))
    }

    const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
}

#[cfg(not(feature = "tls"))]
mod without {
    use std::io::{self, Read, Write};
    use std::net::TcpStream;

    use super::Trust;
    use crate::alert::transport::TransportError;

    /// Whether this build has TLS.
    pub(in crate::alert) const HAS_TLS: bool = false;

    /// There is none.
    pub(in crate::alert) enum Secured {}

    impl Secured {
        pub(in crate::alert) fn tcp(&self) -> &TcpStream {
            match *self {}
        }

        pub(in crate::alert) fn say_goodbye(&mut self) -> io::Result<()> {
            match *self {}
        }
    }

    impl Read for Secured {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            match *self {}
        }
    }

    impl Write for Secured {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            match *self {}
        }

        fn flush(&mut self) -> io::Result<()> {
            match *self {}
        }
    }

    pub(in crate::alert) fn secure(
        _: TcpStream,
        trust: &Trust,
        _: &str,
    ) -> Result<Secured, TransportError> {
        check(trust)
            .and(Err(("to", String::new())))
            .map_err(|(key, cause)| TransportError::Trust { key, cause })
    }

    pub(in crate::alert) fn check(_: &Trust) -> Result<(), (&'static str, String)> {
        Err(("to", "this build of nameplate has no TLS: use one with the feature tls".to_owned()))
    }
}
