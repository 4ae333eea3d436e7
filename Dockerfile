# syntax=docker/dockerfile:1
# Not built on the machines this project is developed on (they have no Docker engine): written by the
# documentation and linted only. The first build is a review of this file.

FROM node:26.10.0-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# The npm package `node` (a development dependency) would bring a second Node: the image has its own.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY plugins ./plugins
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26.10.0-trixie-slim
LABEL org.opencontainers.image.title="fairlead" \
      org.opencontainers.image.description="The ingress gateway of Skupper networks" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /opt/fairlead
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY bin ./bin
COPY policies ./policies
COPY LICENSE ./
# The numeric id of the image's user `node`: Kubernetes can only check runAsNonRoot against a number.
USER 1000:1000
EXPOSE 8443 8080
# Node sends SIGTERM through: Fairlead drains and exits 0. Nothing is written below /, so a read-only root
# filesystem is enough; policies and secrets are mounted at /etc/fairlead.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "/opt/fairlead/dist/src/main.js", "health", "/etc/fairlead"]
ENTRYPOINT ["node", "/opt/fairlead/dist/src/main.js"]
CMD ["run", "/etc/fairlead"]
