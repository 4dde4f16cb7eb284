# Stands for python:3.11-slim; pip finds what requirements/ names in /wheels, without a network.
FROM python-base
COPY . /wheels
RUN python --version | grep -qF 'Python 3.11.' \
    && printf '[global]\nno-index = true\nfind-links = /wheels\n' > /etc/pip.conf
